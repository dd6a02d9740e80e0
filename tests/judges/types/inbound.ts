// What Slack says to Muster: our names on the left, the types of Slack's own Node Bolt on the right.
import type {
  AppHomeOpenedEvent, AppMentionEvent, GenericMessageEvent, MemberJoinedChannelEvent, ReactionAddedEvent,
} from '@slack/types';
import type {
  BlockAction, BlockSuggestion, EnvelopedEvent, GlobalShortcut, MessageShortcut, SlashCommand, ViewClosedAction, ViewSubmitAction,
} from '@slack/bolt';

export interface Inbound {
  slash_command: SlashCommand;
  block_actions: BlockAction;
  view_submission: ViewSubmitAction;
  view_closed: ViewClosedAction;
  shortcut: GlobalShortcut;
  message_action: MessageShortcut;
  block_suggestion: BlockSuggestion;
  'event:app_mention': EnvelopedEvent<AppMentionEvent>;
  'event:app_home_opened': EnvelopedEvent<AppHomeOpenedEvent>;
  'event:message': EnvelopedEvent<GenericMessageEvent>;
  'event:member_joined_channel': EnvelopedEvent<MemberJoinedChannelEvent>;
  'event:reaction_added': EnvelopedEvent<ReactionAddedEvent>;
}
