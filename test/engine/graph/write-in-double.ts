import type { Graph } from '../../../src/engine/graph/graph.js';
import { bytesOf, ELEMENT, encodeModel, type Field, type Message, messageOf, type Value, varint } from '../../../src/engine/onnx/model.js';
import { graphParts } from '../../../src/engine/onnx/write.js';

/** A graph as an ONNX file that computes in float64 what the program computes in float32: rounding can be told from mistakes. */
export function writeInDouble(graph: Graph): Uint8Array {
  const { nodes, initializers, inputs, outputs } = graphParts(graph);
  return encodeModel('law', {
    nodes: nodes.map((node) => (has(node, 4, 'Cast') ? mapFields(node, castInDouble) : node)),
    initializers: initializers.map((tensor) => (isFloat(valueOf(tensor, 2)) ? mapFields(tensor, tensorInDouble) : tensor)),
    inputs: inputs.map(valueInDouble),
    outputs: outputs.map(valueInDouble),
  });
}

// Field numbers are those of onnx.proto: NodeProto 4 op_type, 5 attribute; AttributeProto 1 name, 3 i; TensorProto 2 data_type, 9 raw_data.

const castInDouble = ([number, value]: Field): Field =>
  number === 5 && isMessage(value) && has(value, 1, 'to') ? [5, mapFields(value, (field) => wider(field, 3))] : [number, value];

const tensorInDouble = ([number, value]: Field): Field =>
  number === 9 && value instanceof Uint8Array
    ? [9, bytesOf(Float64Array.from(new Float32Array(value.slice().buffer)))]
    : wider([number, value], 2);

const wider = ([number, value]: Field, where: number): Field =>
  number === where && isFloat(value) ? [number, varint(ELEMENT.float64)] : [number, value];

const valueInDouble = (value: Value): Value => (value.element === 'float32' ? { ...value, element: 'float64' } : value);

const mapFields = ({ fields }: Message, f: (field: Field) => Field): Message => messageOf(fields.map(f));
const valueOf = ({ fields }: Message, number: number) => fields.find(([each]) => each === number)?.[1];
const has = (message: Message, number: number, text: string): boolean => valueOf(message, number) === text;
const isFloat = (value: Field[1] | undefined): boolean =>
  typeof value === 'object' && 'varint' in value && value.varint === ELEMENT.float32;
const isMessage = (value: Field[1]): value is Message => typeof value === 'object' && 'fields' in value;
