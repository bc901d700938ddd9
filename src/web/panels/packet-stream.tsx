/** All packets from the chosen moment on, each with what became of it. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { PacketRecord } from "../model.js";
import { failing, seek, session, summary, time } from "../store.js";
import { text } from "../text/index.js";
import { PacketTable } from "./packets.js";

const records = signal<readonly PacketRecord[] | undefined>(undefined);
const MOST = 100;
/** Between the slider's last move and the work. */
const PAUSE_MS = 150;

export function PacketStream() {
  const t = text.value;
  const tracked = summary.value!;
  const { firstTime, packets } = tracked;
  const from = time.value;
  useEffect(() => {
    const timer = setTimeout(
      () =>
        void failing(async () => {
          records.value = await session.packets(from, MOST);
        }),
      PAUSE_MS,
    );
    return () => clearTimeout(timer);
    // Tracked anew with other settings, the packets are others.
  }, [from, tracked]);
  const shown = records.value;
  if (!shown) return <p class="empty">…</p>;
  return (
    <div class="stream">
      <p class="note">{t.streamText(shown.length, packets)}</p>
      <PacketTable packets={shown} from={firstTime} onTime={seek} ends />
    </div>
  );
}
