/** H.245: how the ends of a call agree on the channels of its media. */
import type { Helper } from "../helper.js";
import { control } from "./channels.js";
import { controlMessage } from "./h245.js";
import { Reader } from "./per.js";
import { type Announced, messages, nothingAnnounced } from "./tpkt.js";
import { type Announcements, nothingTranslated } from "./translate.js";

export const h245: Helper<Announced & Announcements> = {
  name: "H.245",
  protocol: "tcp",
  // Its connections are announced: nobody calls at a port of its own.
  port: 0,
  classes: [{ max: 18, timeout: 240 }],
  createState: () => ({ ...nothingAnnounced(), ...nothingTranslated() }),
  packet(context) {
    if (context.ctState !== "ESTABLISHED") return undefined;
    for (const message of messages(context)) {
      const reader = new Reader(message);
      const value = controlMessage(reader);
      if (reader.failed) return undefined;
      if (control(context, value) === "drop") return { drop: "cannot process H.245 message" };
    }
    return undefined;
  },
};
