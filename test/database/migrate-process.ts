/** Migrates when told to: `migrate-process.ts <url> <folder>`, for the tests to start several of. */
import { once } from 'node:events'
import { migrate } from '../../src/database/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { testLogger } from '../database.ts'

const [url = '', folder = ''] = process.argv.slice(2)
const database = await openDatabase({
  url,
  dataDirectory: '',
  poolSize: 2,
  applicationName: 'woosync-test',
  logger: testLogger,
})
process.send?.('ready')
await once(process, 'message')
const applied = await migrate(database, { folder, logger: testLogger })
await database.close()
process.send?.(applied)
process.disconnect()
