// What Slack's Web API answers: our names on the left, Slack's own published types on the right.
// One interface per method, because each of Slack's answers has its own File, Message and Channel.
import type {
  AuthTestResponse, BookmarksAddResponse, BookmarksListResponse, ChatPostMessageResponse, ChatUpdateResponse,
  ConversationsCreateResponse, ConversationsHistoryResponse, ConversationsInfoResponse, ConversationsListResponse,
  ConversationsMembersResponse, ConversationsOpenResponse, ConversationsRepliesResponse,
  FilesCompleteUploadExternalResponse, FilesGetUploadURLExternalResponse, FilesInfoResponse, PinsListResponse,
  UsergroupsListResponse, UsergroupsUsersListResponse, UsersInfoResponse, UsersListResponse,
  UsersLookupByEmailResponse, ViewsOpenResponse, ViewsPublishResponse,
} from '@slack/web-api';

export interface AnswerAuthTest {
  'auth.test': AuthTestResponse;
}

export interface AnswerChatPostMessage {
  'chat.postMessage': ChatPostMessageResponse;
}

export interface AnswerChatUpdate {
  'chat.update': ChatUpdateResponse;
}

export interface AnswerConversationsCreate {
  'conversations.create': ConversationsCreateResponse;
}

export interface AnswerConversationsInfo {
  'conversations.info': ConversationsInfoResponse;
}

export interface AnswerConversationsList {
  'conversations.list': ConversationsListResponse;
}

export interface AnswerConversationsHistory {
  'conversations.history': ConversationsHistoryResponse;
}

export interface AnswerConversationsReplies {
  'conversations.replies': ConversationsRepliesResponse;
}

export interface AnswerConversationsMembers {
  'conversations.members': ConversationsMembersResponse;
}

export interface AnswerConversationsOpen {
  'conversations.open': ConversationsOpenResponse;
}

export interface AnswerUsersInfo {
  'users.info': UsersInfoResponse;
}

export interface AnswerUsersList {
  'users.list': UsersListResponse;
}

export interface AnswerUsersLookupByEmail {
  'users.lookupByEmail': UsersLookupByEmailResponse;
}

export interface AnswerViewsOpen {
  'views.open': ViewsOpenResponse;
}

export interface AnswerViewsPublish {
  'views.publish': ViewsPublishResponse;
}

export interface AnswerPinsList {
  'pins.list': PinsListResponse;
}

export interface AnswerBookmarksAdd {
  'bookmarks.add': BookmarksAddResponse;
}

export interface AnswerBookmarksList {
  'bookmarks.list': BookmarksListResponse;
}

export interface AnswerFilesInfo {
  'files.info': FilesInfoResponse;
}

export interface AnswerFilesCompleteUploadExternal {
  'files.completeUploadExternal': FilesCompleteUploadExternalResponse;
}

export interface AnswerFilesGetUploadURLExternal {
  'files.getUploadURLExternal': FilesGetUploadURLExternalResponse;
}

export interface AnswerUsergroupsList {
  'usergroups.list': UsergroupsListResponse;
}

export interface AnswerUsergroupsUsersList {
  'usergroups.users.list': UsergroupsUsersListResponse;
}
