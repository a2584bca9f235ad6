import { type GraphParts, graphProto } from './model.js';
import { type Message, message, varint } from './protobuf.js';

/** The operator Scan: its body's last `cut` inputs come in slices along `axis`, its last output is put together along it, the rest is state. */
export function scanNode(scan: {
  readonly body: GraphParts;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly cut: number;
  readonly axis: number;
}): Message {
  return message(
    ...scan.inputs.map((name) => [1, name] as const),
    ...scan.outputs.map((name) => [2, name] as const),
    [3, 'scan'],
    [4, 'Scan'],
    [5, message([1, 'body'], [6, graphProto('one step', scan.body)], [20, varint(GRAPH)])],
    [5, message([1, 'num_scan_inputs'], [3, varint(scan.cut)], [20, varint(INTEGER)])],
    [
      5,
      integers(
        'scan_input_axes',
        Array.from({ length: scan.cut }, () => scan.axis),
      ),
    ],
    [5, integers('scan_output_axes', [scan.axis])],
  );
}

const integers = (name: string, values: readonly number[]): Message =>
  message([1, name], ...values.map((value) => [8, varint(value)] as const), [20, varint(INTEGERS)]);

/** Kinds of attributes, as onnx.proto numbers them. */
const INTEGER = 2;
const GRAPH = 5;
const INTEGERS = 7;
