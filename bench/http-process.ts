/** The program's HTTP server in a process of its own. */
import type { HttpJob } from './http-server.ts'

process.once('message', async (job: HttpJob) => {
  // Loaded now: a message that comes while much is being loaded finds nobody who listens.
  const { serveHttp } = await import('./http-server.ts')
  const { served, close } = await serveHttp(job)
  process.send?.(served)
  process.once('disconnect', async () => {
    await close()
    process.exit(0)
  })
})
