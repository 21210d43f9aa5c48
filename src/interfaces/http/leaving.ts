import type { FastifyReply } from 'fastify'
import { WooSyncError } from '../../errors.ts'

/** Aborts when the client goes away before it has its answer, so that nobody works for it any more. */
export function leavingSignal({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) left.abort(new WooSyncError('sync_cancelled', { cause: 'the caller left' }))
  })
  return left.signal
}
