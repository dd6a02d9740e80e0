// A real app on Slack's own Bolt for Node.js: it takes what our workspace delivers and says in JSON lines what it took.
//
// Started with one JSON argument: { mode: 'http' | 'socket', apiUrl, token, appToken, signingSecret }.
// It ends when its stdin does.
import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';

const told = JSON.parse(process.argv[2]);
const say = (heard, more = {}) => process.stdout.write(`${JSON.stringify({ heard, ...more })}\n`);
const plain = (text) => ({ type: 'plain_text', text });

// Bolt warns of refused requests through its logger; the tests want to read the refusals.
const logger = {
  debug() {},
  info() {},
  warn: (...words) => say('warning', { words: words.map(String) }),
  error: (...words) => say('complaint', { words: words.map(String) }),
  setLevel() {},
  getLevel: () => LogLevel.WARN,
  setName() {},
};

const receiver =
  told.mode === 'http'
    ? new HTTPReceiver({ signingSecret: told.signingSecret, endpoints: '/slack/events', logger })
    : new SocketModeReceiver({
        appToken: told.appToken,
        logger,
        // Its reconnection waits as long as this; five seconds by default.
        clientPingTimeout: 500,
        installerOptions: { clientOptions: { slackApiUrl: told.apiUrl } },
      });

const app = new App({ token: told.token, receiver, logger, clientOptions: { slackApiUrl: told.apiUrl } });

app.command(/.*/, async ({ ack, command, respond }) => {
  await ack({ response_type: 'ephemeral', text: `Heard: ${command.text}` });
  await respond({ response_type: 'ephemeral', text: 'And answered by response_url.' });
  say('slash_command', { body: command });
});

app.action({}, async ({ ack, body, action, client }) => {
  await ack();
  if (action.action_id === 'form') {
    await client.views.open({
      trigger_id: body.trigger_id,
      view: {
        type: 'modal',
        callback_id: 'declare',
        notify_on_close: true,
        title: plain('Declare'),
        submit: plain('Declare'),
        blocks: [
          { type: 'input', block_id: 'title', label: plain('Title'), element: { type: 'plain_text_input', action_id: 'typed' } },
          {
            type: 'input',
            block_id: 'service',
            optional: true,
            label: plain('Service'),
            element: { type: 'external_select', action_id: 'service', min_query_length: 0 },
          },
        ],
      },
    });
  }
  say('block_actions', { body });
});

app.view({ type: 'view_submission' }, async ({ ack, body, view }) => {
  const title = view.state.values.title.typed.value;
  if (title === 'nothing') await ack({ response_action: 'errors', errors: { title: 'Say what is broken.' } });
  else await ack({ response_action: 'update', view: { type: 'modal', title: plain('Declared'), blocks: [{ type: 'section', text: plain(title) }] } });
  say('view_submission', { body });
});

app.view({ type: 'view_closed' }, async ({ ack, body }) => {
  await ack();
  say('view_closed', { body });
});

app.shortcut({ type: 'shortcut' }, async ({ ack, body }) => {
  await ack();
  say('shortcut', { body });
});

app.shortcut({ type: 'message_action' }, async ({ ack, body }) => {
  await ack();
  say('message_action', { body });
});

app.options({}, async ({ ack, body }) => {
  await ack({ options: [{ text: plain(`Service ${body.value}`), value: body.value }] });
  say('block_suggestion', { body });
});

app.event('app_mention', async ({ event, say: answer, body }) => {
  const said = await answer({ text: `Heard you, <@${event.user}>`, thread_ts: event.ts });
  say('event:app_mention', { body, ts: said.ts });
});

app.event('app_home_opened', async ({ event, client, body }) => {
  await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'section', text: plain('None open') }] } });
  say('event:app_home_opened', { body });
});

app.event('reaction_added', async ({ body }) => say('event:reaction_added', { body }));
app.message(async ({ body }) => say('event:message', { body }));
app.error(async (error) => say('complaint', { words: [String(error)] }));

if (told.mode === 'http') {
  const server = await app.start({ port: 0, host: '127.0.0.1' });
  say('started', { url: `http://127.0.0.1:${server.address().port}/slack/events` });
} else {
  receiver.client.on('connected', () => say('connected'));
  await app.start();
  say('started');
}
process.stdin.on('end', () => process.exit(0)).resume();
