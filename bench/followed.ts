import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { disk } from '../src/record/files.js';
import { openStore } from '../src/record/layout.js';
import { thisMachine } from '../src/record/lease.js';
import { connectionTo } from '../src/track/connection.js';
import { startShipper } from '../src/track/shipper.js';
import { inScratch } from './product.js';
import { beginRun, writeEpochs } from './recording.js';

const SECONDS = 6;
const EPOCHS_A_SECOND = 4;
/** Seconds after which a call counts as lost: few, so that the time holds a second and a third try. */
const TIMEOUT = 2;

/**
 * Prints the milliseconds of processor time a second that recording takes in this process: alone, or (`node bench/run.mjs followed hanging`)
 * followed by a server that takes every connection and never answers. Nothing is trained meanwhile: what a second of training takes differs
 * by far more than this from one to the next.
 */
async function main(isFollowed: boolean): Promise<void> {
  await inScratch(async (folder) => {
    const hanging = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const uri = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
    const connection = connectionTo(uri, { variables: { MLFLOW_HTTP_REQUEST_TIMEOUT: String(TIMEOUT) }, home: folder, files: disk });
    const store = openStore(join(folder, 'runs'));
    const writer = beginRun(store.root);
    const machine = thisMachine(process.pid, () => true);

    const before = process.cpuUsage();
    const shipper = isFollowed ? startShipper({ store, run: writer.run, connection, machine, onNote: () => {} }) : null;
    for (let epoch = 1; epoch <= SECONDS * EPOCHS_A_SECOND; epoch++) {
      writeEpochs(writer, epoch, 1);
      writer.sync();
      await wait(1000 / EPOCHS_A_SECOND);
    }
    await shipper?.finish(0);
    const { user, system } = process.cpuUsage(before);
    writer.close();
    hanging.close();
    console.log((user + system) / 1000 / SECONDS);
  });
}

await main(process.argv[2] === 'hanging');
