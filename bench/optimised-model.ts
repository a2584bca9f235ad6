/** An operation of an ONNX file, by the names of the values that it takes and makes. */
export interface Operation {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The operations of a model as ONNX Runtime saved it. Fields are those of onnx.proto: ModelProto.graph 7, GraphProto.node 1, NodeProto 1 to 4. */
export function readOperations(model: Uint8Array): readonly Operation[] {
  const texts = (node: Uint8Array, field: number): readonly string[] => fieldsOf(node, field).map((bytes) => Buffer.from(bytes).toString());
  return fieldsOf(model, 7).flatMap((graph) =>
    fieldsOf(graph, 1).map((node) => ({
      inputs: texts(node, 1),
      outputs: texts(node, 2),
      name: texts(node, 3)[0] ?? '',
      op: texts(node, 4)[0] ?? '',
    })),
  );
}

/** Every value of a length-delimited field of a message of Protocol Buffers. */
function fieldsOf(message: Uint8Array, wanted: number): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = 0;
  const varint = (): number => {
    let [value, scale, byte] = [0, 1, 0x80];
    while (byte >= 0x80) {
      byte = message[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    }
    return value;
  };
  while (at < message.length) {
    const tag = varint();
    const [field, kind] = [Math.floor(tag / 8), tag % 8];
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else {
      const length = varint();
      if (field === wanted) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}
