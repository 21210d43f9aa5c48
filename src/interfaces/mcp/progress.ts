/** Progress of long work, told to the one who asked for it. */
import type { ProgressToken, ServerNotification } from '@modelcontextprotocol/sdk/types.js'
import type { App } from '../../app.ts'
import type { Progress } from '../../sync/context.ts'

type Send = (notification: ServerNotification) => Promise<void>

/** The same app, whose work on the shop is also told to the client: records done so far, over all resources. */
export function reportingApp(app: App, token: ProgressToken, send: Send): App {
  const done = new Map<string, number>()
  let told = -1
  const tell = ({ resource, done: now, total }: Progress) => {
    done.set(resource, Math.max(now, done.get(resource) ?? 0))
    const progress = [...done.values()].reduce((sum, one) => sum + one, 0)
    // The protocol wants it to grow each time.
    if (progress <= told) return
    told = progress
    const message = `${resource}: ${now}${total === null ? '' : ` of ${total}`}`
    const params = { progressToken: token, progress, message }
    // Whoever no longer listens is not told; the work goes on.
    send({ method: 'notifications/progress', params }).catch(() => undefined)
  }
  return {
    ...app,
    async openStore() {
      const context = await app.openStore()
      return {
        ...context,
        onProgress(progress) {
          context.onProgress(progress)
          tell(progress)
        },
      }
    },
  }
}
