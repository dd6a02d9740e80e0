/** What the workspace server sends. The page never invents any of it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface User {
  id: string;
  handle: string;
  name: string;
  title: string;
  is_bot: boolean;
  kind: "member" | "guest" | "bot" | string;
}

export interface Bookmark {
  title: string;
  link: string;
}

export interface Channel {
  id: string;
  name: string;
  is_private: boolean;
  is_im: boolean;
  user: string | null;
  members: string[];
  topic: string;
  archived: boolean;
  bookmarks: Bookmark[];
  pins: string[];
}

export interface FileEntry {
  id: string;
  name: string;
  mimetype: string;
  url: string;
  size: number;
  alt_txt?: string;
}

export interface Reaction {
  name: string;
  users: string[];
}

export interface ChatMessage {
  channel: string;
  ts: string;
  user: string;
  text: string;
  blocks: Block[];
  thread_ts: string | null;
  edited: boolean;
  ephemeral_for: string | null;
  files: FileEntry[];
  reactions: Reaction[];
  deleted: boolean;
}

export interface TextObject {
  type: "plain_text" | "mrkdwn";
  text: string;
}

export interface Option {
  text: TextObject;
  value: string;
  description?: TextObject;
  url?: string;
}

export interface OptionGroup {
  label: TextObject;
  options: Option[];
}

export interface Confirm {
  title: TextObject;
  text: TextObject;
  confirm: TextObject;
  deny: TextObject;
  style?: "primary" | "danger";
}

/** One Block Kit element; which of the optional fields are there depends on `type`. */
export interface Element {
  type: string;
  action_id?: string;
  text?: TextObject;
  value?: string;
  url?: string;
  style?: "primary" | "danger";
  confirm?: Confirm;
  accessibility_label?: string;
  placeholder?: TextObject;
  options?: Option[];
  option_groups?: OptionGroup[];
  min_query_length?: number;
  max_selected_items?: number;
  multiline?: boolean;
  min_length?: number;
  max_length?: number;
  min_value?: string;
  max_value?: string;
  is_decimal_allowed?: boolean;
  dispatch_action_config?: { trigger_actions_on?: string[] };
  focus_on_load?: boolean;
  default_to_current_conversation?: boolean;
  initial_value?: Json;
  initial_option?: Option;
  initial_options?: Option[];
  initial_user?: string;
  initial_users?: string[];
  initial_channel?: string;
  initial_channels?: string[];
  initial_conversation?: string;
  initial_conversations?: string[];
  initial_date?: string;
  initial_time?: string;
  initial_date_time?: number;
  image_url?: string;
  alt_text?: string;
  positive_button?: Element;
  negative_button?: Element;
  icon?: string;
  elements?: unknown;
}

/** One Block Kit block; which of the optional fields are there depends on `type`. */
export interface Block {
  type: string;
  block_id?: string;
  text?: TextObject;
  fields?: TextObject[];
  accessory?: Element;
  elements?: Element[];
  element?: Element;
  label?: TextObject;
  hint?: TextObject;
  optional?: boolean;
  dispatch_action?: boolean;
  image_url?: string;
  slack_file?: { url?: string; id?: string };
  alt_text?: string;
  title?: TextObject;
  child_blocks?: Block[];
  actions?: Element[];
}

export interface View {
  id: string;
  type: "modal" | "home";
  callback_id?: string;
  title?: TextObject;
  submit?: TextObject | null;
  close?: TextObject | null;
  blocks: Block[];
  hash?: string;
  submit_disabled?: boolean;
}

export interface WireEntry {
  id: number;
  at: string;
  direction: "to_bot" | "from_bot";
  transport: "http" | "socket";
  kind: string;
  label: string;
  signed: boolean;
  status: number | null;
  ms: number | null;
  budget_ms: number | null;
  attempt: number;
  ok: boolean | null;
  error: string | null;
  request: Json;
  response: Json;
}

export interface Clock {
  real_ms: number;
  domain_ms: number;
  rate: number;
  version: number;
}

export interface Service {
  name: string;
  healthy: boolean;
  pid: number | null;
  url: string;
  since: string;
}

export interface Bot {
  running: boolean;
  ready: boolean;
  pid: number | null;
  restarts: number;
  mode: "http" | "socket";
}

export type FaultParams = Record<string, Json>;
export type Faults = Record<string, FaultParams & { on?: boolean }>;

export interface Upcoming {
  at: string;
  incident: string;
  what: string;
  who: string[];
  key: string;
}

export interface Subcommand {
  word: string;
  usage: string;
  hint: string;
}

export interface SlashCommand {
  command: string;
  subcommands: Subcommand[];
}

export interface Shortcut {
  callback_id: string;
  name: string;
}

export interface UserGroup {
  id: string;
  name: string;
  handle: string;
}

export interface WorkspaceState {
  workspace: { id: string; name: string; simulated: boolean };
  users: User[];
  usergroups?: UserGroup[];
  channels: Channel[];
  messages: Record<string, ChatMessage[]>;
  views: Record<string, View[]>;
  homes: Record<string, View | null>;
  wire: WireEntry[];
  clock: Clock;
  service: Service;
  bot: Bot;
  faults: Faults;
  upcoming: Upcoming[];
  commands: SlashCommand[];
  shortcuts: { global: Shortcut[]; message: Shortcut[] };
}

export type Container = { type: "message"; channel: string; ts: string } | { type: "view"; view_id: string };

/** The value of one input as Slack puts it under `state.values[block_id][action_id]`. */
export type FieldValue = { type: string } & Record<string, Json>;
export type FormValues = Record<string, Record<string, FieldValue>>;
