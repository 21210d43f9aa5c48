/** Beside the event loop: the competition takes seconds of computing. It ends by itself. */
import { parentPort, workerData } from 'node:worker_threads'
import { compete, type Task } from './compete.ts'

const post = (outcome: unknown) => parentPort?.postMessage(outcome)

post(await compete(workerData as Task, post))
