/** The bare read: the rows of the same orders, streamed by mysql2 table after table, and dropped. */
import { createConnection } from 'mysql2'
import { contestant } from './contestant.ts'

export interface BareReadJob {
  host: string
  port: number
  user: string
  password: string
  database: string
  statements: readonly string[]
  orders: number
}

contestant<BareReadJob>(async ({ statements, orders, ...access }, measure) => {
  const connection = createConnection({ ...access, charset: 'utf8mb4' })
  await measure(async () => {
    for (const sql of statements) {
      await new Promise<void>((resolve, reject) => {
        connection
          .query({ sql, rowsAsArray: true })
          .on('result', () => undefined)
          .on('error', reject)
          .on('end', resolve)
      })
    }
    return { orders }
  })
  connection.end()
})
