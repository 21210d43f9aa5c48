/**
 * How fast the first copy from the shop's own database is: directly, through an SSH tunnel, and with the host's own
 * mysql over SSH, beside a bare read of the same rows and beside COPY of the finished rows.
 */
import { loadavg } from 'node:os'
import { type Mariadb, openMariadb } from '../test/mariadb.ts'
import { openOpenssh } from '../test/openssh.ts'
import { type Benchmark, numberOf, type Report, round } from './benchmark.ts'
import type { BareReadJob } from './contestants/bare-read.ts'
import type { MirrorJob } from './contestants/mirror.ts'
import { exportRows } from './finished-rows.ts'
import { MULTIPLIED, multiplyShop } from './multiplied-shop.ts'
import { type BenchPostgres, startPostgres } from './postgres.ts'
import { contest, flagsOfStart } from './processes.ts'
import { best, type Runs, rate, resultTable } from './results.ts'
import { addRun, runCopies, runFresh } from './rounds.ts'

/** CPU of a shop's PHP for one order over REST, measured (docs/woocommerce.md). */
const REST_CPU_MS = 8.9

export const backfillSql: Benchmark = {
  summary: 'The first copy of a shop’s orders from its own database: directly, through SSH, over exec.',
  options: {
    orders: { fallback: 100_000, meaning: 'orders in the shop, made from the recorded ones' },
    rounds: { fallback: 2, meaning: 'how often each is run; the best run counts' },
  },
  async run(options, say) {
    const load = loadavg()[0] ?? 0
    const rounds = numberOf(options, 'rounds')
    // As on a server set up for its shop: what is asked for often stays in memory.
    const mariadb = await openMariadb(['--innodb-buffer-pool-size=1G'])
    const postgres = await startPostgres()
    const open = await openOpenssh()
    const closed = await openOpenssh({ forwarding: 'forbidden' })
    try {
      say(`making a database of ${numberOf(options, 'orders')} orders from the recorded ones`)
      const orders = await multiplyShop(mariadb, numberOf(options, 'orders'))
      const runs: Runs = new Map()
      const shopCpu: number[] = []
      const ways = { direct: {}, tunnel: sshSettings(open), exec: sshSettings(closed) }
      for (let done = 0; done < rounds; done++) {
        say(`round ${done + 1} of ${rounds}`)
        for (const [way, ssh] of Object.entries(ways)) {
          say(`  ours, ${way}`)
          const access = { ...mysqlSettings(mariadb), ...ssh }
          const before = await mariadb.cpuSeconds()
          await runFresh(runs, `ours, ${way}`, postgres, (database) =>
            contest<MirrorJob>('mirror', { database, access }, flagsOfStart()),
          )
          if (way === 'direct') shopCpu.push(((await mariadb.cpuSeconds()) - before) / orders)
        }
        say('  bare read')
        addRun(runs, 'bare read, mysql2', await contest<BareReadJob>('bare-read', bareRead(mariadb, orders)))
      }
      await copies(runs, postgres, mariadb, { orders, rounds, say })
      return report(runs, { rounds, load, shopCpuMs: Math.min(...shopCpu) * 1000 })
    } finally {
      await postgres.close()
      await open.close()
      await closed.close()
      await mariadb.close()
    }
  },
}

function mysqlSettings({ host, port, reader }: Mariadb): Record<string, string> {
  return {
    MYSQL_HOST: host,
    MYSQL_PORT: String(port),
    MYSQL_USER: reader.user,
    MYSQL_PASSWORD: reader.password,
    MYSQL_DATABASE: MULTIPLIED,
  }
}

function sshSettings(server: Awaited<ReturnType<typeof openOpenssh>>): Record<string, string> {
  return {
    SSH_HOST: server.host,
    SSH_PORT: String(server.port),
    SSH_USER: server.user,
    SSH_KEY_FILE: server.keyFile,
    SSH_HOST_FINGERPRINT: server.fingerprint,
  }
}

/** The columns that a copy needs of the rows of all orders. */
const ORDER_ROWS = [
  `SELECT id, status, currency, tax_amount, total_amount, customer_id, billing_email, date_created_gmt,
     date_updated_gmt, parent_order_id, payment_method, payment_method_title, transaction_id, customer_note
   FROM wp_wc_orders WHERE type = 'shop_order'`,
  `SELECT order_id, address_type, first_name, last_name, company, address_1, address_2, city, state, postcode,
     country, email, phone FROM wp_wc_order_addresses`,
  `SELECT * FROM wp_wc_order_operational_data`,
  `SELECT order_id, id, meta_key, meta_value FROM wp_wc_orders_meta`,
  `SELECT order_id, order_item_id, order_item_type, order_item_name FROM wp_woocommerce_order_items`,
  `SELECT order_item_id, meta_id, meta_key, meta_value FROM wp_woocommerce_order_itemmeta`,
]

function bareRead({ host, port, reader }: Mariadb, orders: number): BareReadJob {
  return { host, port, ...reader, database: MULTIPLIED, statements: ORDER_ROWS, orders }
}

async function copies(
  runs: Runs,
  postgres: BenchPostgres,
  mariadb: Mariadb,
  { orders, rounds, say }: { orders: number; rounds: number; say: (line: string) => void },
): Promise<void> {
  const finished = await postgres.fresh()
  await contest<MirrorJob>('mirror', { database: finished, access: mysqlSettings(mariadb) }, flagsOfStart())
  const rows = await exportRows(finished)
  await postgres.drop(finished)
  for (let done = 0; done < rounds; done++) {
    say(`COPY, round ${done + 1} of ${rounds}`)
    await runCopies(runs, postgres, rows, orders)
  }
  await rows.remove()
}

function report(runs: Runs, made: { rounds: number; load: number; shopCpuMs: number }): Report {
  const rateOf = (name: string) => {
    const one = best(runs, name)
    return one ? rate(one) : 0
  }
  const ours = rateOf('ours, direct')
  const copy = Math.max(rateOf('COPY, text'), rateOf('COPY, binary'))
  return {
    text: [
      resultTable(runs, made),
      `MariaDB used ${made.shopCpuMs.toFixed(3)} ms of CPU for each order; REST takes ${REST_CPU_MS} ms of PHP's.`,
    ].join('\n'),
    figures: {
      ordersPerSecond: round(ours),
      tunnelOrdersPerSecond: round(rateOf('ours, tunnel')),
      execOrdersPerSecond: round(rateOf('ours, exec')),
      ratioToBareRead: round(ours / rateOf('bare read, mysql2')),
      ratioToCopy: round(ours / copy),
      shopCpuMsPerOrder: round(made.shopCpuMs),
      peakMemoryMB: round(best(runs, 'ours, direct')?.peakMemoryMB ?? 0),
    },
  }
}
