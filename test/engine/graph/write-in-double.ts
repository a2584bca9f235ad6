import type { Graph } from '../../../src/engine/graph/graph.js';
import { bytesOf, ELEMENT, encodeModel, type Field, type Message, messageOf, type Value, varint } from '../../../src/engine/onnx/model.js';
import { graphParts } from '../../../src/engine/onnx/write.js';

/** A graph as an ONNX file that computes in float64 what the program computes in float32: rounding can be told from mistakes. */
export function writeInDouble(graph: Graph): Uint8Array {
  const { nodes, initializers, inputs, outputs } = graphParts(graph);
  return encodeModel('law', {
    nodes: nodes.map(nodeInDouble),
    initializers: initializers.map(constantInDouble),
    inputs: inputs.map(valueInDouble),
    outputs: outputs.map(valueInDouble),
  });
}

// Field numbers are those of onnx.proto: NodeProto 4 op_type, 5 attribute; AttributeProto 1 name, 3 i, 6 g; TensorProto 2 data_type, 9 raw_data;
// GraphProto 1 node, 5 initializer, 11 input, 12 output; ValueInfoProto 2 type; TypeProto 1 tensor_type; Tensor 1 elem_type.

const nodeInDouble = (node: Message): Message =>
  has(node, 4, 'Cast') ? mapFields(node, castInDouble) : has(node, 4, 'Scan') ? mapFields(node, bodyInDouble) : node;

const constantInDouble = (tensor: Message): Message => (isFloat(valueOf(tensor, 2)) ? mapFields(tensor, tensorInDouble) : tensor);

const bodyInDouble = ([number, value]: Field): Field =>
  number === 5 && isMessage(value) && has(value, 1, 'body')
    ? [5, within(value, 6, (graph) => mapFields(graph, partInDouble))]
    : [number, value];

const partInDouble = ([number, value]: Field): Field => {
  if (!isMessage(value)) return [number, value];
  if (number === 1) return [1, nodeInDouble(value)];
  if (number === 5) return [5, constantInDouble(value)];
  return [number, within(value, 2, (type) => within(type, 1, (tensor) => mapFields(tensor, (field) => wider(field, 1))))];
};

/** The message with its part of this number changed. */
const within = (message: Message, part: number, change: (part: Message) => Message): Message =>
  mapFields(message, ([number, value]) => [number, number === part && isMessage(value) ? change(value) : value]);

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
