"""Run migrations on the connection that `bot.adapters.store.schema.migrate` hands over."""

from alembic import context

from bot.adapters.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
