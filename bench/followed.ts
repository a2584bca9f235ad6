import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createEngine } from '../src/engine/create.js';
import { disk } from '../src/record/files.js';
import { openStore } from '../src/record/layout.js';
import { thisMachine } from '../src/record/machine.js';
import { stages } from '../src/stages/registry.js';
import { connectionTo } from '../src/track/environment.js';
import { type Shipper, startShipper } from '../src/track/shipper.js';
import { createDataset, createFinishers, pipelineFor } from '../src/train/pipeline.js';
import { freshStart } from '../src/train/start.js';
import { train } from '../src/train/train.js';
import { prepared } from './pace.js';
import { addition, inScratch } from './product.js';
import { beginRun } from './recording.js';

/** Epochs that are trained in one way before it is the other's turn. */
const STRETCH = 2;
/** Alone, followed, followed, alone: what drifts evenly falls on both. */
const ORDER = [false, true, true, false];
const STRETCHES = 8 * ORDER.length;

/**
 * Processor seconds of the main job, alone and followed by a server that takes every connection and never answers. Both take turns within
 * one training, because processes differ by more than what is looked for; each followed stretch begins to follow anew, which a run does once.
 */
export const measureFollowed = (): Promise<Readonly<Record<string, number>>> =>
  inScratch(async (folder) => {
    const hanging = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const connection = connectionTo(`http://127.0.0.1:${(hanging.address() as AddressInfo).port}`, {
      variables: {},
      home: folder,
      files: disk,
    });
    const { plan, files } = prepared({ document: addition, set: [`training.epochs=${STRETCH * (STRETCHES + 1)}`] });
    const store = openStore(join(folder, 'runs'));
    const writer = beginRun(store.root);
    const machine = thisMachine(process.pid, () => true);
    const engine = await createEngine(plan.engine);

    const seconds = { alone: 0, followed: 0 };
    let shipper: Shipper | null = null;
    let before = process.cpuUsage();
    /** The first stretch warms up. */
    const endStretch = (stretch: number): void => {
      const { user, system } = process.cpuUsage(before);
      if (stretch > 0) seconds[shipper ? 'followed' : 'alone'] += (user + system) / 1e6;
      void shipper?.finish(0);
      shipper = ORDER[stretch % ORDER.length] ? startShipper({ store, run: writer.run, connection, machine, onNote: () => {} }) : null;
      before = process.cpuUsage();
    };
    await train({
      plan,
      pipeline: pipelineFor(plan, stages),
      finishers: createFinishers(plan, stages),
      dataset: createDataset(plan, stages, files),
      engine,
      start: freshStart(plan),
      until: plan.training.epochs,
      stopped: () => false,
      onProgress: () => {},
      onEpoch(epoch, metrics) {
        for (const [key, value] of metrics) writer.metric(key, value, epoch, Date.now());
        writer.sync();
        if (epoch % STRETCH === 0) endStretch(epoch / STRETCH - 1);
      },
      onCheckpoint: () => {},
    });
    writer.close();
    await engine.dispose();
    hanging.close();
    return { 'processor seconds, alone': seconds.alone, 'processor seconds, followed': seconds.followed };
  });
