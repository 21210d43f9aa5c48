import { test } from 'node:test'
import { demoMirror } from './shop.ts'
import { operations } from '../../src/operations.ts'
const shop = await demoMirror({ seed: 5, products: 30, orders: 3000, days: 720 })
test('x', async () => {
  const p = shop.database.pool
  await p.query(`INSERT INTO mirror.orders (store_id,id,status,currency,total,created_at,seen_at,content_hash,record)
    SELECT store_id, id + 1000000*k, status, currency, total, created_at + k * interval '3 minutes', seen_at, 'x', '{}' FROM mirror.orders, generate_series(1,300) k`)
  await p.query(`INSERT INTO mirror.order_lines (store_id,order_id,line_id,product_id,variation_id,quantity,total)
    SELECT store_id, order_id + 1000000*k, line_id + 1000000*k, product_id, variation_id, quantity, total FROM mirror.order_lines, generate_series(1,300) k`)
  await p.query(`INSERT INTO mirror.refunds (store_id,id,order_id,amount,seen_at,content_hash,record)
    SELECT store_id, id + 1000000*k, order_id + 1000000*k, amount, seen_at,'x','{}' FROM mirror.refunds, generate_series(1,300) k`)
  await p.query('ANALYZE')
  const {rows:[c]} = await p.query('select count(*) from mirror.orders'); const {rows:[l]} = await p.query('select count(*) from mirror.order_lines'); console.log(c, l)
  const {rows:[b]} = await p.query(`select product_id::int id from mirror.order_lines l join mirror.products p on p.id=product_id group by 1 order by count(*) desc limit 1`)
  for (const input of [{},{of:'orders'},{of:'items'},{of:'items',product_id:b.id},{every:'week'},{history:365},{of:'items',history:365}]) { const t=performance.now(); const a = await shop.ask(operations.forecast.sales, {...input, facts:'none', horizon: 1, currency: undefined}); console.log(JSON.stringify(input), (performance.now()-t).toFixed(0)+'ms', a.series?.orders, a.forecast?.model, a.forecast?.candidates.filter(c=>c.left_out).map(c=>c.model+c.left_out)) }
  const { readSeries } = await import('../../src/questions/forecast/series.ts'); const client = await p.connect()
  for (const w of [{of:'net_sales',currency:'RON'},{of:'orders'},{of:'items'},{of:'items',target:{product_id:b.id,variation_id:null}},{of:'net_sales',currency:'RON',history:365}] as any[]) { const t=performance.now(); await readSeries(client, shop.context.store, new Date(), {every:'day',history:730,currency:null,target:null,...w}); console.log(JSON.stringify(w), (performance.now()-t).toFixed(0)+'ms sql') }
  client.release()
})
