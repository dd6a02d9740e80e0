// What Muster may say to Slack: our names on the left, Slack's own published types on the right.
// One interface per family, because Slack's families reuse names such as Channel for different shapes.
import type { HomeView, KnownBlock, ModalView } from '@slack/types';
import type { BlockOptions, OptionGroups, RespondArguments, ViewResponseAction } from '@slack/bolt';
import type {
  APITestArguments, AppsConnectionsOpenArguments, AppsManifestValidateArguments, AuthTestArguments,
  BookmarksAddArguments, BookmarksEditArguments, BookmarksListArguments, BookmarksRemoveArguments, BotsInfoArguments,
  ChatDeleteArguments, ChatGetPermalinkArguments, ChatPostEphemeralArguments, ChatPostMessageArguments, ChatUpdateArguments,
  ConversationsArchiveArguments, ConversationsCreateArguments, ConversationsHistoryArguments, ConversationsInfoArguments,
  ConversationsInviteArguments, ConversationsJoinArguments, ConversationsKickArguments, ConversationsListArguments,
  ConversationsMembersArguments, ConversationsOpenArguments, ConversationsRenameArguments, ConversationsRepliesArguments,
  ConversationsSetPurposeArguments, ConversationsSetTopicArguments, ConversationsUnarchiveArguments,
  FilesCompleteUploadExternalArguments, FilesGetUploadURLExternalArguments, FilesInfoArguments,
  PinsAddArguments, PinsListArguments, PinsRemoveArguments,
  ReactionsAddArguments, ReactionsGetArguments, ReactionsRemoveArguments, TeamInfoArguments,
  UsergroupsCreateArguments, UsergroupsListArguments, UsergroupsUpdateArguments, UsergroupsUsersListArguments, UsergroupsUsersUpdateArguments,
  UsersConversationsArguments, UsersGetPresenceArguments, UsersInfoArguments, UsersListArguments, UsersLookupByEmailArguments,
  ViewsOpenArguments, ViewsPublishArguments, ViewsPushArguments, ViewsUpdateArguments,
} from '@slack/web-api';

export interface Surface {
  blocks: KnownBlock[];
  modal: ModalView;
  home: HomeView;
  manifest: AppsManifestValidateArguments['manifest'];
  options: BlockOptions | OptionGroups<BlockOptions>;
  // Partial, because the generator turns this type's optional contents (text or blocks or …) into required ones.
  respond: Partial<RespondArguments>;
  view_response: ViewResponseAction;
}

export interface Api {
  'api.test': APITestArguments;
}

export interface Apps {
  'apps.connections.open': AppsConnectionsOpenArguments;
}

export interface Auth {
  'auth.test': AuthTestArguments;
}

export interface Bookmarks {
  'bookmarks.add': BookmarksAddArguments;
  'bookmarks.edit': BookmarksEditArguments;
  'bookmarks.list': BookmarksListArguments;
  'bookmarks.remove': BookmarksRemoveArguments;
}

export interface Bots {
  'bots.info': BotsInfoArguments;
}

export interface Chat {
  'chat.delete': ChatDeleteArguments;
  'chat.getPermalink': ChatGetPermalinkArguments;
  'chat.postEphemeral': ChatPostEphemeralArguments;
  'chat.postMessage': ChatPostMessageArguments;
  'chat.update': ChatUpdateArguments;
}

export interface Conversations {
  'conversations.archive': ConversationsArchiveArguments;
  'conversations.create': ConversationsCreateArguments;
  'conversations.history': ConversationsHistoryArguments;
  'conversations.info': ConversationsInfoArguments;
  'conversations.invite': ConversationsInviteArguments;
  'conversations.join': ConversationsJoinArguments;
  'conversations.kick': ConversationsKickArguments;
  'conversations.list': ConversationsListArguments;
  'conversations.members': ConversationsMembersArguments;
  'conversations.open': ConversationsOpenArguments;
  'conversations.rename': ConversationsRenameArguments;
  'conversations.replies': ConversationsRepliesArguments;
  'conversations.setPurpose': ConversationsSetPurposeArguments;
  'conversations.setTopic': ConversationsSetTopicArguments;
  'conversations.unarchive': ConversationsUnarchiveArguments;
}

export interface Files {
  'files.completeUploadExternal': FilesCompleteUploadExternalArguments;
  // Slack's reference and its Python SDK name this argument alt_txt; the npm type misspells it.
  'files.getUploadURLExternal': Omit<FilesGetUploadURLExternalArguments, 'alt_text'> & { alt_txt?: string };
  'files.info': FilesInfoArguments;
}

export interface Pins {
  'pins.add': PinsAddArguments;
  'pins.list': PinsListArguments;
  'pins.remove': PinsRemoveArguments;
}

export interface Reactions {
  'reactions.add': ReactionsAddArguments;
  'reactions.get': ReactionsGetArguments;
  'reactions.remove': ReactionsRemoveArguments;
}

export interface Team {
  'team.info': TeamInfoArguments;
}

export interface Usergroups {
  'usergroups.create': UsergroupsCreateArguments;
  'usergroups.list': UsergroupsListArguments;
  'usergroups.update': UsergroupsUpdateArguments;
  'usergroups.users.list': UsergroupsUsersListArguments;
  'usergroups.users.update': UsergroupsUsersUpdateArguments;
}

export interface Users {
  'users.conversations': UsersConversationsArguments;
  'users.getPresence': UsersGetPresenceArguments;
  'users.info': UsersInfoArguments;
  'users.list': UsersListArguments;
  'users.lookupByEmail': UsersLookupByEmailArguments;
}

export interface Views {
  'views.open': ViewsOpenArguments;
  'views.publish': ViewsPublishArguments;
  'views.push': ViewsPushArguments;
  'views.update': ViewsUpdateArguments;
}
