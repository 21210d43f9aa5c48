/** From the settings to the way to the shop's database they name. */
import { readSettingFile } from '../../settings/checks.ts'
import type { Settings } from '../../settings.ts'
import type { ShopDatabaseOptions } from './way.ts'

/**
 * What the settings say, or null where they name no database of the shop.
 * @param agent socket of an SSH agent: `SSH_AUTH_SOCK`
 * @throws setting_invalid for a file that cannot be read
 */
export function shopDatabaseAccess(
  settings: Settings,
  agent: string | undefined,
): Pick<
  ShopDatabaseOptions,
  'mysql' | 'ssh' | 'statementTimeoutMs' | 'trustedAddress' | 'allowPrivateAddresses'
> | null {
  const { MYSQL_USER: user, MYSQL_DATABASE: database, SSH_HOST: sshHost, SSH_USER: sshUser } = settings
  const host = settings.MYSQL_HOST ?? (sshHost === undefined ? undefined : 'localhost')
  if (user === undefined || database === undefined || host === undefined) return null
  const file = (name: 'SSH_KEY_FILE' | 'MYSQL_CA_FILE') => {
    const path = settings[name]
    return path === undefined ? null : readSettingFile(name, path).toString('utf8')
  }
  const ca = file('MYSQL_CA_FILE')
  const encrypted = settings.MYSQL_TLS ?? ca !== null
  return {
    mysql: {
      host,
      port: settings.MYSQL_PORT,
      user,
      password: settings.MYSQL_PASSWORD ?? '',
      database,
      tls: encrypted ? { ca } : null,
    },
    ssh:
      sshHost === undefined || sshUser === undefined
        ? null
        : {
            host: sshHost,
            port: settings.SSH_PORT,
            user: sshUser,
            password: settings.SSH_PASSWORD ?? null,
            privateKey: file('SSH_KEY_FILE'),
            passphrase: settings.SSH_KEY_PASSPHRASE ?? null,
            agent: agent || null,
            fingerprint: settings.SSH_HOST_FINGERPRINT ?? null,
          },
    statementTimeoutMs: settings.MYSQL_TIMEOUT_SECONDS * 1000,
    trustedAddress: true,
    allowPrivateAddresses: settings.ALLOW_PRIVATE_ADDRESSES,
  }
}
