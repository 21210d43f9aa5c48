import { forecastSales } from './forecast/sales.ts'

export const forecast = { sales: forecastSales }
