/** The functions of assembly/index.ts. Booleans and u32 come back as signed numbers. */
export interface EngineFunctions {
  createEngine(k0: number, k1: number, k2: number, k3: number, events: number): number;
  createBatch(rows: number, bytes: number): number;
  releaseBatch(batch: number): void;
  placePackets(
    batch: number,
    first: number,
    count: number,
    base: number,
    room: number,
    to: number,
    cut: boolean,
  ): number;
  trackBatch(batch: number, first: number, count: number): number;
  trackOne(
    batch: number,
    time: number,
    length: number,
    wireLength: number,
    entry: number,
    template: number,
  ): number;
  resumeBatch(batch: number, first: number, count: number): number;
  finishPacket(batch: number, i: number, dropped: boolean): void;
  openDealer(parts: number, w0: number, w1: number, w2: number, w3: number): number;
  dealtBytes(packets: number, bytes: number): number;
  deal(batch: number, count: number, number: number, latest: number): void;
  setUpHooks(errors: boolean): void;
  answerCount(): number;
  answerAt(i: number): number;
  deviceRecord(number: number): number;
  setRoutes(count: number): number;
  helperName(number: number): number;
  bindHelper(helper: number, protocol: number, port: number, families: number): number;
  wantedAddress(): number;
  wantedPolicyAddress(): number;
  addExpectation(): number;
  announcedElsewhere(): number;
  removeExpectationAt(address: number): void;
  changeExpectation(address: number, flags: number, seconds: number): void;
  nextExpectation(address: number): number;
  expectationCount(): number;
  setGreCall(flow: number, clientId: number, serverId: number, outsideId: number): void;
  addGreKeys(flow: number): number;
  endGreCallOf(flow: number): void;
  expire(time: number): number;
  datagramBytes(): number;
  datagramCameWhole(): number;
  nextPiece(): number;
  pieceAddress(): number;
  fragmentBytes(): number;
  setTime(time: number): void;
  currentTick(): number;
  nowMs(): number;
  firstEvent(): number;
  dropFirstEvent(): void;
  takeLostEvents(): number;
  firstLogRecord(): number;
  dropFirstLogRecord(): void;
  takeLostLogRecords(): number;
  logHelperDrop(row: number, words: number): void;
  filterAddress(): number;
  startWalk(extent: number, slot: number): void;
  nextFlow(): number;
  countByState(): number;
  walkExtent(): number;
  walkSlot(): number;
  deleteFlows(): number;
  flushFlows(): number;
  insertedAddress(): number;
  insertedMoreAddress(): number;
  insertFlow(seconds: number, status: number, state: number, mark: number): number;
  changeAddress(): number;
  updateFlows(): number;
  resetTimeoutPolicy(policy: number): number;
  policyTimeout(policy: number, id: number): number;
  setPolicyTimeout(policy: number, id: number, seconds: number): void;
  timeoutTemplate(policy: number): number;
  refreshFlow(flow: number, seconds: number): void;
  countersOf(flow: number): number;
  flowsInUse(): number;
  bytesInUse(): number;
  reachedBytes(): number;
  reserveFlows(flows: number): number;
  indexBytes(): number;
  countEntries(): number;
  indexChunks(): number;
  indexMask(): number;
  clearJournal(): void;
  journalAddress(): number;
  journalBytes(): number;
  lostFromJournal(): number;
  setOwner(uid: number, gid: number, groups: number): number;
  createSet(): number;
  clearSet(address: number): void;
  destroySet(address: number): void;
  elementKeyAddress(): number;
  addSetElement(address: number, seconds: number): number;
  linkMember(address: number, element: number): void;
  nextElement(address: number, element: number): number;
  destroyConnections(address: number): void;
  createHashlimit(
    mode: number,
    max: number,
    expire: number,
    gcInterval: number,
    cost: bigint,
    cap: bigint,
    sourcePrefix: number,
    destinationPrefix: number,
  ): number;
  destroyHashlimit(address: number): void;
  createRecentList(stampMask: number, mask0: bigint, mask1: bigint): number;
  destroyRecentList(address: number): void;
  widenRecentList(address: number, stampMask: number): void;
  reserveProgram(bytes: number): number;
  installProgram(program: number, bytes: number): void;
  statistic(id: number): number;
  setStatistic(id: number, value: number): void;
  openSnapshot(): number;
  closeSnapshot(): void;
  snapshotBufferBytes(): number;
  savedBytes(): number;
  saveFlows(): number;
  expectFlows(flows: number, bytes: number): void;
  loadFlows(bytes: number): number;
  loadedFlows(): number;
  linkedFlows(): number;
  savedMaster(offset: number): number;
  linkMaster(flow: number, master: number): void;
  setSysctl(id: number, value: number): void;
  setNat(family: number, on: boolean, choosing: boolean): void;
  replacePayload(row: number, at: number, remove: number, insert: number): number;
  setDestinationPort(row: number, port: number): void;
  finishPayload(row: number, difference: number): void;
  hasMoved(): number;
  randomNumber(): number;
  endMasquerade(device: number, family: number, w0: number, w1: number, w2: number, w3: number): number;
}

/** The constants of assembly/layout-exports.ts: sizes and offsets in bytes, and bit values. */
export const LAYOUT_NAMES = [
  "TICKS_PER_SECOND",
  "PACKET_SIZE",
  "BATCH_ROWS",
  "BATCH_TIMES",
  "BATCH_DATA",
  "BATCH_LENGTHS",
  "BATCH_WIRE_LENGTHS",
  "BATCH_CT_STATES",
  "BATCH_BYTES",
  "PACKET_DATA",
  "PACKET_LENGTH",
  "PACKET_LINK",
  "PACKET_HOOK",
  "PACKET_CONFIRM",
  "PACKET_CT_STATE",
  "PACKET_DIRECTION",
  "PACKET_VERDICT",
  "PACKET_REASON",
  "PACKET_FLOW",
  "PACKET_GENERATION",
  "PACKET_NUMBERS",
  "FLOW_ORIGINAL_ADDRESS",
  "FLOW_ORIGINAL_PORTS",
  "FLOW_REPLY_PORTS",
  "FLOW_REPLY_ADDRESS",
  "FLOW_DEADLINE",
  "FLOW_STATUS",
  "FLOW_PROTOCOL",
  "FLOW_KIND",
  "FLOW_ZONE",
  "FLOW_GENERATION",
  "FLOW_EXTENSION",
  "EXTENSION_START",
  "EXTENSION_HELPER",
  "EXTENSION_MASTER",
  "EXTENSION_CHILDREN",
  "EXTENSION_EXPECTATIONS",
  "EXPECTATION_SOURCE",
  "EXPECTATION_SOURCE_MASK",
  "EXPECTATION_DESTINATION",
  "EXPECTATION_PORTS",
  "EXPECTATION_ZONE",
  "EXPECTATION_PROTOCOL",
  "EXPECTATION_FLAGS",
  "EXPECTATION_POLICY",
  "EXPECTATION_HELPER",
  "EXPECTATION_DEADLINE",
  "EXPECTATION_MASTER",
  "EXPECTATION_NEXT_OF_MASTER",
  "EXPECTATION_ID",
  "EXPECTATION_EITHER_END",
  "EXPECTATION_FOLLOW",
  "EXPECTATION_FOLLOW_PORT",
  "EXPECTATION_FOLLOW_ADDRESS",
  "EXPECTATION_BYTES",
  "PACKET_STAGE",
  "STAGE_PAUSED",
  "PACKET_ADDRESS",
  "PACKET_PORTS",
  "PACKET_PROTOCOL",
  "PACKET_FAMILY",
  "PACKET_ZONE",
  "PACKET_SRC6",
  "PACKET_L3",
  "PACKET_L3_LENGTH",
  "PACKET_L4",
  "PACKET_L4_LENGTH",
  "PACKET_L4_CAPTURED",
  "EVENT_HELPER",
  "EVENT_MASTER",
  "EVENT_ANNOUNCER",
  "FLOW_MARK",
  "FLOW_STATE",
  "FLOW_KIND_IPV6",
  "FLOW_KIND_COUNTERS",
  "FLOW_KIND_ZONE_ORIGINAL",
  "FLOW_KIND_ZONE_REPLY",
  "PACKET_IN_DEVICE",
  "PACKET_OUT_DEVICE",
  "PACKET_MARK",
  "PACKET_RULE",
  "PACKET_PATH",
  "PACKET_AT",
  "PACKET_PRIORITY",
  "PACKET_TRACED",
  "PACKET_FLAGS",
  "PACKET_TABLE",
  "FLOW4_BYTES",
  "FLOW6_BYTES",
  "FLOW6_ORIGINAL",
  "FLOW6_REPLY",
  "TCP_SCALES",
  "TCP_FLAGS",
  "TCP_PEERS",
  "SCTP_TAGS",
  "GRE_TIMEOUT",
  "GRE_STREAM_TIMEOUT",
  "SAVED_NAME",
  "SAVED_ADDRESS",
  "SAVED_BYTES",
  "SAVED_PARTS",
  "PART_LINKED",
  "COUNTERS_BYTES",
  "EVENT_TIME",
  "EVENT_KIND",
  "EVENT_CHANGES",
  "EVENT_TIMEOUT",
  "EVENT_FLOW",
  "EVENT_SIZE",
  "EVENT_COPY",
  "EVENT_MORE",
  "EVENT_COUNTERS",
  "EVENT_START",
  "ROUTE_SIZE",
  "ROUTE_TO",
  "ROUTE_MASK",
  "ROUTE_SOURCE",
  "ROUTE_FAMILY",
  "ROUTE_TYPE",
  "ROUTE_DEVICE",
  "FILTER_BYTES",
  "FILTER_FIELDS",
  "FILTER_FAMILY",
  "FILTER_PROTOCOL",
  "FILTER_STATE",
  "FILTER_ZONE",
  "FILTER_STATUS_MASK",
  "FILTER_STATUS",
  "FILTER_PORTS",
  "FILTER_MARK",
  "FILTER_MARK_MASK",
  "FILTER_ADDRESSES",
  "FIELD_FAMILY",
  "FIELD_PROTOCOL",
  "FIELD_STATE",
  "FIELD_ZONE",
  "FIELD_STATUS",
  "FIELD_MARK",
  "FIELD_PORTS",
  "FIELD_ADDRESSES",
  "LOG_RECORD_BYTES",
  "LOG_RECORD_TIME",
  "LOG_RECORD_KIND",
  "LOG_RECORD_HOOK",
  "LOG_RECORD_FAMILY",
  "LOG_RECORD_PROTOCOL",
  "LOG_RECORD_SUBJECT",
  "LOG_RECORD_NUMBERS",
  "LOG_RECORD_MARK",
  "LOG_RECORD_DEVICES",
  "LOG_RECORD_LENGTH",
  "LOG_RECORD_OWNER",
  "LOG_RECORD_LINK_LENGTH",
  "EXTENSION_LABELS",
  "EVENT_LABELS",
  "FILTER_LABELS",
  "FIELD_LABELS",
  "CHANGE_BYTES",
  "CHANGE_FIELDS",
  "CHANGE_MARK",
  "CHANGE_MARK_MASK",
  "CHANGE_SECONDS",
  "CHANGE_STATUS",
  "CHANGE_LABELS",
  "CHANGE_LABEL_MASK",
  "CHANGES_MARK",
  "CHANGES_TIMEOUT",
  "CHANGES_STATUS",
  "CHANGES_LABELS",
  "STATUS_SETTABLE",
  "TIMEOUT_POLICIES",
  "PACKET_TEMPLATE",
  "DEALT_PACKETS",
  "DEALT_BYTES",
  "DEAL_LATEST",
  "DEAL_SIZE",
  "DEAL_CUT",
  "DEAL_HANDS",
  "HAND_SIZE",
  "HAND_COLUMNS",
  "HAND_PACKETS",
  "HAND_COUNT",
] as const;

export type Layout = { readonly [name in (typeof LAYOUT_NAMES)[number]]: number };

export type EngineExports = EngineFunctions & {
  readonly memory: WebAssembly.Memory;
} & { readonly [name in keyof Layout]: WebAssembly.Global };
