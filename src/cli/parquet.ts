/** Flows as Apache Parquet, by the optional package hyparquet-writer. */
import { FLOW_COLUMNS, type FlowRow } from "../format/index.js";
import { UsageError } from "./fail.js";

const TYPES = { string: "STRING", uint32: "INT64", number: "DOUBLE", boolean: "BOOLEAN" } as const;

export async function flowsParquet(flows: Iterable<FlowRow>): Promise<{ bytes: Uint8Array; count: number }> {
  const columnData = FLOW_COLUMNS.map(({ name, type }) => ({
    name,
    type: TYPES[type],
    nullable: true,
    data: [] as (string | number | bigint | boolean | null)[],
  }));
  let count = 0;
  for (const flow of flows) {
    count++;
    FLOW_COLUMNS.forEach(({ type, of }, i) => {
      const cell = of(flow) ?? null;
      columnData[i]?.data.push(type === "uint32" && typeof cell === "number" ? BigInt(cell) : cell);
    });
  }
  const { parquetWriteBuffer } = await import("hyparquet-writer").catch(() => {
    throw new UsageError("-o parquet needs the package hyparquet-writer: npm install hyparquet-writer");
  });
  return { bytes: new Uint8Array(parquetWriteBuffer({ columnData })), count };
}
