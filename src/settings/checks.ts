/** What the settings’ forms cannot see: files that must be readable, and what must be there together. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { WooSyncError } from '../errors.ts'
import type { Settings } from '../settings.ts'

/** @throws setting_missing, setting_invalid */
export function checkTogether(settings: Settings): void {
  const needs = (name: keyof Settings, problem: string) => {
    if (settings[name] === undefined) throw new WooSyncError('setting_missing', { setting: name, problem })
  }
  if (settings.WOOCOMMERCE_URL !== undefined) {
    needs('WOOCOMMERCE_KEY', 'WOOCOMMERCE_URL names a shop, and its keys are needed')
    needs('WOOCOMMERCE_SECRET', 'WOOCOMMERCE_URL names a shop, and its keys are needed')
  }
  if (settings.WOOCOMMERCE_KEY !== undefined || settings.WOOCOMMERCE_SECRET !== undefined) {
    needs('WOOCOMMERCE_URL', 'there is a key but no shop')
  }
  if (settings.DATABASE_READ_URL !== undefined) needs('DATABASE_URL', 'there is a replica but no server')
  if (settings.DATABASE_DIRECT_URL !== undefined) {
    needs('DATABASE_URL', 'DATABASE_DIRECT_URL goes around its pooler')
  }
  if (settings.WOOCOMMERCE_URL === undefined && settings.DEMO_PORT === settings.PORT && settings.PORT > 0) {
    throw invalid('DEMO_PORT', `the demo shop and the HTTP server cannot both have port ${settings.PORT}`)
  }
  checkShopDatabase(settings, needs)
}

const ssh = [
  'SSH_USER',
  'SSH_PASSWORD',
  'SSH_KEY_FILE',
  'SSH_KEY_PASSPHRASE',
  'SSH_HOST_FINGERPRINT',
] as const
const mysql = [
  'MYSQL_HOST',
  'MYSQL_USER',
  'MYSQL_PASSWORD',
  'MYSQL_DATABASE',
  'MYSQL_PREFIX',
  'MYSQL_TLS',
  'MYSQL_CA_FILE',
] as const

/** Any of its settings means that the shop’s database is to be read; then all that this needs must be there. */
function checkShopDatabase(settings: Settings, needs: (name: keyof Settings, problem: string) => void): void {
  const given = [...ssh, ...mysql, 'SSH_HOST' as const].find((name) => settings[name] !== undefined)
  if (given === undefined) return
  const withSsh = ssh.find((name) => settings[name] !== undefined)
  if (withSsh) needs('SSH_HOST', `there is ${withSsh} but no SSH server`)
  if (settings.SSH_HOST !== undefined) needs('SSH_USER', 'SSH_HOST names a server, and its user is needed')
  if (settings.SSH_KEY_PASSPHRASE !== undefined) needs('SSH_KEY_FILE', 'there is a passphrase but no key')
  if (settings.SSH_HOST === undefined) {
    needs('MYSQL_HOST', `there is ${given} but neither a MySQL server nor SSH_HOST`)
  }
  needs('MYSQL_USER', `there is ${given}, and the user for MySQL is needed`)
  needs('MYSQL_DATABASE', `there is ${given}, and the name of the database is needed`)
  if (settings.MYSQL_TLS === false && settings.MYSQL_CA_FILE !== undefined) {
    throw invalid('MYSQL_TLS', 'it is false, but MYSQL_CA_FILE names an authority to check with')
  }
}

/** @throws setting_invalid */
export function checkAuthority(setting: 'WOOCOMMERCE_CA_FILE' | 'MYSQL_CA_FILE', settings: Settings): void {
  const file = settings[setting]
  if (file === undefined) return
  const text = readSettingFile(setting, file)
  try {
    new X509Certificate(text)
  } catch {
    throw invalid(setting, 'the file holds no certificate in PEM form')
  }
}

/** @throws setting_invalid */
export function readSettingFile(setting: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    throw invalid(setting, code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`)
  }
}

export function invalid(setting: string, problem: string): WooSyncError {
  return new WooSyncError('setting_invalid', { setting, problem })
}
