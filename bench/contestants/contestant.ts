/** A contestant: takes one job from the benchmark, measures its own work, answers and ends. */

export interface Measured {
  orders: number
  seconds: number
  /** Of this process, user and system, while it worked. */
  cpuSeconds: number
  /** The most memory this process ever held, MB resident. */
  peakMemoryMB: number
  /** MB resident, once a second while it worked: shows whether it grows. */
  memoryMB: number[]
}

/** @param measure times the work that counts; what comes before it is preparation */
export type Work<Job> = (
  job: Job,
  measure: (work: () => Promise<{ orders: number }>) => Promise<void>,
) => Promise<void>

const MB = 1024 * 1024

export function contestant<Job>(work: Work<Job>): void {
  process.once('message', async (job: Job) => {
    let measured: Measured | undefined
    await work(job, async (timed) => {
      const memoryMB: number[] = []
      const sampling = setInterval(() => memoryMB.push(process.memoryUsage.rss() / MB), 1000)
      const before = process.cpuUsage()
      const startedAt = performance.now()
      const { orders } = await timed()
      const seconds = (performance.now() - startedAt) / 1000
      const { user, system } = process.cpuUsage(before)
      clearInterval(sampling)
      const peakMemoryMB = process.resourceUsage().maxRSS / 1024
      measured = { orders, seconds, cpuSeconds: (user + system) / 1e6, peakMemoryMB, memoryMB }
    })
    process.send?.(measured, () => process.disconnect())
  })
}
