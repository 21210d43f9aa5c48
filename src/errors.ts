/**
 * The one table of error codes. Every error a person or a program can meet has a stable code, a sentence
 * and the way out; `docs/errors.md` lists them all and a test holds it to this table.
 *
 * Sentences are built from `data`, which never holds a secret: whoever throws passes host names, paths
 * without query, status codes and counts, nothing else.
 */
type Data = Record<string, string | number | boolean | null | undefined>

interface ErrorKind {
  /** What happened, for a person. */
  sentence: (data: Data) => string
  /** What to do about it. */
  wayOut: string
  /** HTTP status when an interface of ours answers with it. */
  status: number
}

const kind = (status: number, sentence: (data: Data) => string, wayOut: string): ErrorKind => ({
  status,
  sentence,
  wayOut,
})

export const errorKinds = {
  // Settings
  setting_invalid: kind(
    500,
    (d) => `The setting ${d.setting} is not usable: ${d.problem}.`,
    'Correct it in the environment or in .env; .env.example and docs/settings.md show what it takes.',
  ),
  setting_missing: kind(
    500,
    (d) => `The setting ${d.setting} is missing: ${d.problem}.`,
    'Add it to the environment or to .env; .env.example shows the names.',
  ),

  // Reaching the store
  store_unreachable: kind(
    502,
    (d) => `The shop at ${d.host} does not answer (${d.cause}).`,
    'Check WOOCOMMERCE_URL, that the site opens in a browser, and that this machine may reach it.',
  ),
  store_host_unknown: kind(
    502,
    (d) => `The name ${d.host} leads to no address.`,
    'Check the spelling of WOOCOMMERCE_URL and this machine’s name service.',
  ),
  store_timeout: kind(
    504,
    (d) => `The shop at ${d.host} took longer than ${d.seconds} s to answer.`,
    'The shop may be overloaded; the work goes on by itself with smaller pages. If it stays so, raise STORE_TIMEOUT_SECONDS or ask the host.',
  ),
  store_certificate_untrusted: kind(
    502,
    (d) => `The certificate of ${d.host} is not trusted (${d.cause}).`,
    'Install a valid certificate, or name the file of its authority in WOOCOMMERCE_CA_FILE.',
  ),
  store_address_refused: kind(
    400,
    (d) => `${d.host} leads to ${d.address}, an address inside a private network.`,
    'If this is your own shop, set ALLOW_PRIVATE_ADDRESSES=true.',
  ),
  store_plain_http_refused: kind(
    400,
    (d) => `${d.host} would be read over plain HTTP, where anyone on the way can listen.`,
    'Use https:// in WOOCOMMERCE_URL, or set ALLOW_PLAIN_HTTP=true if you accept that.',
  ),
  store_redirects_elsewhere: kind(
    502,
    (d) => `${d.host} sends its visitors on to ${d.target}; keys are not sent after them.`,
    'Set WOOCOMMERCE_URL to the address the shop really lives at.',
  ),
  store_not_woocommerce: kind(
    502,
    (d) => `There is no WooCommerce REST interface at ${d.host}.`,
    'Check WOOCOMMERCE_URL (the shop’s home address, with its folder if it has one) and that WooCommerce is active.',
  ),
  store_rest_disabled: kind(
    502,
    (d) => `The REST interface of ${d.host} is switched off (${d.cause}).`,
    'A security plugin usually does this: allow /wp-json/wc/v3/ for signed-in programs.',
  ),
  store_plain_permalinks: kind(
    502,
    (d) => `${d.host} uses plain permalinks, with which WooCommerce accepts no keys.`,
    'In WordPress, choose any other form under Settings → Permalinks and save.',
  ),
  store_is_another_shop: kind(
    409,
    (d) =>
      `Behind ${d.host} there is now another shop than the one that was copied (${d.found} instead of ${d.known}).`,
    'If this is intended, use another data directory or database for it; otherwise correct WOOCOMMERCE_URL.',
  ),

  // Signing in at the store
  store_key_unknown: kind(
    401,
    (d) => `The shop at ${d.host} does not know this consumer key.`,
    'Make a key under WooCommerce → Settings → Advanced → REST API and put it into WOOCOMMERCE_KEY and WOOCOMMERCE_SECRET.',
  ),
  store_secret_wrong: kind(
    401,
    (d) => `The shop at ${d.host} knows the consumer key, but the secret is wrong.`,
    'Copy the secret again, or make a new key: WooCommerce shows a secret only once.',
  ),
  store_signature_refused: kind(
    401,
    (d) => `The shop at ${d.host} refuses the signature of the request (${d.cause}).`,
    'Check the secret, and that WOOCOMMERCE_URL is the address the shop knows itself by (http or https, www or not).',
  ),
  store_clocks_differ: kind(
    401,
    (d) => `The shop at ${d.host} refuses the request because its clock and this machine’s differ too much.`,
    'Set both clocks by a time server.',
  ),
  store_key_read_only: kind(
    403,
    (d) => `The key for ${d.host} may read, but not write.`,
    'Reading goes on. For webhooks and for writing to the shop, give the key the right Read/Write.',
  ),
  store_rights_missing: kind(
    403,
    (d) => `The key for ${d.host} may not read ${d.what}.`,
    'Make the key for a user who is administrator or shop manager.',
  ),
  store_authorization_stripped: kind(
    401,
    (d) => `The host of ${d.host} removes the sign-in header from requests.`,
    'Signed queries are used instead. If the host refuses those too, set WOOCOMMERCE_KEYS_IN_URL=true or ask it to pass the Authorization header.',
  ),

  // What the store answers
  store_blocked_by_host: kind(
    502,
    (d) =>
      `${d.host} answered with a web page instead of data (status ${d.status}); a firewall probably stands before the shop.`,
    'Ask the host to allow the user agent woo-sync-engine and this machine’s address on /wp-json/.',
  ),
  store_malformed_response: kind(
    502,
    (d) => `${d.host} answered ${d.path} with something that is no JSON: ${d.start}`,
    'Usually a plugin prints warnings: switch WP_DEBUG_DISPLAY off, and look at the shop’s PHP log.',
  ),
  store_answer_cut: kind(
    502,
    (d) => `The answer of ${d.host} to ${d.path} ended too early.`,
    'It is asked again by itself. If it stays so, the shop’s memory or time limit is too low for the page size.',
  ),
  store_answer_too_large: kind(
    502,
    (d) => `${d.host} answered ${d.path} with more than ${d.megabytes} MB.`,
    'A plugin probably keeps very large data in its records; smaller pages are asked for by themselves.',
  ),
  store_rate_limited: kind(
    429,
    (d) => `${d.host} asks for fewer requests (status 429).`,
    'The pace is lowered by itself. If it stays so, set PACE=gentle or ask the host to raise its limit.',
  ),
  store_unavailable: kind(
    503,
    (d) => `${d.host} is not available at the moment (status ${d.status}).`,
    'It is tried again by itself. If it stays so, look at the shop’s maintenance mode and server log.',
  ),
  store_record_not_found: kind(
    404,
    (d) => `${d.host} has no ${d.resource} ${d.id}.`,
    'Check the id. If the shop had it once, it was deleted there, and the copy marks it so.',
  ),
  store_request_refused: kind(
    502,
    (d) => `${d.host} refused ${d.path}: ${d.cause} (status ${d.status}).`,
    'A plugin or an old version may change the interface. Run `woosync doctor` and report its output.',
  ),
  store_rest_missing: kind(
    400,
    (d) => `For ${d.host} there is access to its database alone, and this needs its REST interface.`,
    'Set WOOCOMMERCE_URL, WOOCOMMERCE_KEY and WOOCOMMERCE_SECRET as well.',
  ),
  store_route_missing: kind(
    502,
    (d) => `${d.host} does not offer ${d.path}.`,
    'It is read another way or left out, and said. A newer WooCommerce may offer it.',
  ),
  store_lists_disagree: kind(
    502,
    (d) => `The lists of ${d.host} contradict each other: ${d.cause}.`,
    'A page cache may serve old lists: exclude /wp-json/ from it. The check is made again by itself.',
  ),
  store_record_unreadable: kind(
    422,
    (d) => `${d.resource} ${d.id} cannot be stored: ${d.cause}.`,
    'It is kept aside with its raw text (`woosync doctor` lists it); the others go on. Correct it in the shop and it is taken up.',
  ),

  // The shop's own database, over SSH
  ssh_host_unknown: kind(
    502,
    (d) => `The name ${d.host} leads to no address.`,
    'Check the spelling of SSH_HOST and this machine’s name service.',
  ),
  ssh_unreachable: kind(
    502,
    (d) => `The SSH server at ${d.host}, port ${d.port}, cannot be reached: ${d.cause}.`,
    'Check SSH_HOST and SSH_PORT, and that the host lets this machine’s address in.',
  ),
  ssh_key_unreadable: kind(
    500,
    (d) => `The SSH key cannot be used: ${d.cause}.`,
    'SSH_KEY_FILE names the private key (not the one that ends in .pub), in the form of OpenSSH, PEM or PuTTY.',
  ),
  ssh_passphrase_wrong: kind(
    500,
    (d) => `The SSH key cannot be opened: ${d.cause}.`,
    'Set SSH_KEY_PASSPHRASE to the passphrase the key was made with.',
  ),
  ssh_sign_in_refused: kind(
    401,
    (d) => `The SSH server at ${d.host} refuses the user ${d.user} (tried: ${d.tried}).`,
    'Check SSH_USER, and that the public half of the key is in the host’s authorized_keys, or the password.',
  ),
  ssh_host_key_changed: kind(
    502,
    (d) =>
      `The SSH server at ${d.host} shows another key than before: ${d.found} instead of ${d.known}. Nothing was sent to it.`,
    'Somebody may stand in between. Ask the host whether its key was changed; if so, set SSH_HOST_FINGERPRINT to the new fingerprint.',
  ),
  ssh_fingerprint_mismatch: kind(
    502,
    (d) =>
      `The SSH server at ${d.host} shows the ${d.type} key ${d.found}, but SSH_HOST_FINGERPRINT says ${d.known}. Nothing was sent to it.`,
    'Compare with what the host publishes (`ssh-keyscan <host> | ssh-keygen -lf -` shows all its keys), and correct SSH_HOST_FINGERPRINT only if it agrees.',
  ),
  ssh_no_way_to_database: kind(
    502,
    (d) => `The SSH server at ${d.host} neither forwards connections nor runs a MySQL client (${d.cause}).`,
    'Ask the host to allow port forwarding for this user, or a shell with the `mysql` or `mariadb` client.',
  ),

  // The shop's own database, MySQL or MariaDB
  sql_host_unknown: kind(
    502,
    (d) => `The name ${d.host} leads to no address.`,
    'Check the spelling of MYSQL_HOST. With SSH_HOST set it is looked up on that machine; often it is localhost.',
  ),
  sql_unreachable: kind(
    502,
    (d) => `The MySQL server at ${d.host}, port ${d.port}, cannot be reached: ${d.cause}.`,
    'Check MYSQL_HOST and MYSQL_PORT. Most hosts let nobody in from outside: use SSH_HOST then.',
  ),
  sql_too_many_connections: kind(
    503,
    (d) => `The MySQL server at ${d.host} takes no more connections at the moment.`,
    'It is tried again by itself. If it stays so, ask the host to raise max_connections or max_user_connections.',
  ),
  sql_certificate_untrusted: kind(
    502,
    (d) => `The certificate of the MySQL server at ${d.host} is not trusted (${d.cause}).`,
    'Name the file of its authority in MYSQL_CA_FILE, and in MYSQL_HOST the name the certificate is made out for.',
  ),
  sql_tls_missing: kind(
    502,
    (d) => `The MySQL server at ${d.host} offers no encrypted connection.`,
    'Switch TLS on there, go through SSH, or set MYSQL_TLS=false (and no MYSQL_CA_FILE) inside your own network.',
  ),
  sql_sign_in_refused: kind(
    401,
    (d) => `The MySQL server at ${d.host} refuses the user ${d.user}: ${d.cause}.`,
    'Check MYSQL_USER and MYSQL_PASSWORD, and that the user may sign in from where the connection comes from; docs/database.md has the statements that make one.',
  ),
  sql_database_unknown: kind(
    404,
    (d) => `There is no database ${d.database} at ${d.host} that the user may read.`,
    'Check MYSQL_DATABASE (DB_NAME in wp-config.php), and GRANT SELECT on it; docs/database.md has the statement.',
  ),
  sql_table_missing: kind(
    404,
    (d) => `The shop’s database has no table ${d.table}.`,
    'Check MYSQL_DATABASE and MYSQL_PREFIX ($table_prefix in wp-config.php).',
  ),
  sql_rights_missing: kind(
    403,
    (d) => `The MySQL user may not read ${d.table}.`,
    'GRANT SELECT on it; docs/database.md has the statement.',
  ),
  sql_connection_lost: kind(
    503,
    (d) => `The connection to the shop’s database broke (${d.cause}).`,
    'It is opened again by itself and the work goes on where it was.',
  ),
  sql_statement_too_slow: kind(
    504,
    (d) => `The shop’s database took longer than ${d.seconds} s for one statement and was stopped.`,
    'It may be overloaded. If it stays so, raise MYSQL_TIMEOUT_SECONDS.',
  ),
  sql_statement_refused: kind(
    502,
    (d) => `The shop’s database refused a statement (error ${d.number}, ${d.state}).`,
    'A plugin or an unusual version may differ from what is known. Run `woosync doctor` and report its output.',
  ),

  // The shop's own database
  sql_shop_not_found: kind(
    404,
    (d) =>
      d.prefix
        ? `The database has no WooCommerce tables that begin with ${d.prefix}${d.others ? ` (but with ${d.others})` : ''}.`
        : 'The database holds no WordPress that this user can see.',
    'Check MYSQL_DATABASE and MYSQL_PREFIX (`$table_prefix` in wp-config.php), and that the user may read the tables.',
  ),
  sql_several_shops: kind(
    409,
    (d) => `The database holds several shops: their tables begin with ${d.prefixes}.`,
    'Name the right one in MYSQL_PREFIX; it is `$table_prefix` in the shop’s wp-config.php.',
  ),
  sql_multisite: kind(
    400,
    (d) => `The tables ${d.prefix}… belong to a network of sites (multisite), which is not read by SQL.`,
    'Read this shop over REST: set WOOCOMMERCE_URL, WOOCOMMERCE_KEY and WOOCOMMERCE_SECRET.',
  ),
  sql_woocommerce_missing: kind(
    404,
    (d) => `The WordPress with the tables ${d.prefix}… has no WooCommerce.`,
    'Check MYSQL_DATABASE and MYSQL_PREFIX, and that WooCommerce is installed.',
  ),

  // Keeping the copy
  sync_already_running: kind(
    409,
    (d) => `Another process is synchronising ${d.resource} already.`,
    'Wait for it; `woosync doctor` shows what runs.',
  ),
  sync_on_demand_only: kind(
    400,
    (d) => `Over REST this shop has no list of ${d.resource}.`,
    'Leave it out; with access to the shop’s own database it is kept like everything else.',
  ),
  sync_lock_lost: kind(
    503,
    (d) => `The run on ${d.resource} lost its lock and stopped before writing more.`,
    'Nothing was lost: the next run goes on where this one stopped. Check the connection to Postgres.',
  ),
  sync_mass_vanish: kind(
    409,
    (d) =>
      `${d.gone} of ${d.total} ${d.resource} are gone from the shop at once. Nothing was marked as deleted.`,
    'Look at the shop. If they were deleted on purpose, run `woosync sync --resource <name> --accept-deletions`.',
  ),
  sync_cancelled: kind(
    499,
    (d) => `The run was stopped (${d.cause}).`,
    'The next run goes on where this one stopped.',
  ),

  // Our own database
  database_unreachable: kind(
    503,
    (d) => `Postgres does not answer (${d.cause}).`,
    'Check DATABASE_URL, or the log of the private Postgres in the data directory.',
  ),
  database_lost: kind(
    503,
    (d) => `The connection to Postgres broke (${d.cause}).`,
    'Nothing acknowledged was lost; it is tried again by itself.',
  ),
  question_too_slow: kind(
    504,
    (d) => `The database worked on the question for more than ${d.seconds} s and was stopped.`,
    'Ask about a shorter period or fewer rows. If Postgres is only busy, ask again; QUESTION_TIME_LIMIT_SECONDS changes the limit.',
  ),
  database_sign_in_refused: kind(
    503,
    () => 'Postgres refuses the user or password.',
    'Correct DATABASE_URL.',
  ),
  database_rights_missing: kind(
    503,
    (d) => `The Postgres user lacks a right (${d.cause}).`,
    'Let it create schemas in its database: GRANT CREATE ON DATABASE … TO …',
  ),
  database_disk_full: kind(
    507,
    () => 'Postgres has no disk space left.',
    'Free some space; the run goes on by itself from the last finished batch.',
  ),
  database_too_old: kind(
    503,
    (d) => `Postgres ${d.version} is too old; ${d.needed} or newer is needed.`,
    'Upgrade the server, or leave DATABASE_URL empty to use the private one.',
  ),
  database_is_newer: kind(
    503,
    (d) => `The database was made by a newer version of this program (migration ${d.migration}).`,
    'Install that version or a later one.',
  ),
  database_migration_changed: kind(
    503,
    (d) => `The migration ${d.migration} was changed after it had been applied.`,
    'Install an unchanged release; migrations are never edited.',
  ),
  postgres_programs_missing: kind(
    503,
    (d) => `There are no Postgres programs for this machine (${d.platform}).`,
    'Install Postgres 14 or newer and name its bin folder in WOOSYNC_POSTGRES_BIN, or set DATABASE_URL.',
  ),
  postgres_start_failed: kind(
    503,
    (d) => `The private Postgres did not start: ${d.cause}.`,
    'The end of its log is above; the whole is postgres.log in the data directory.',
  ),
  postgres_data_of_other_version: kind(
    503,
    (d) => `The data directory holds data of Postgres ${d.found}; this program brings ${d.own}.`,
    'Name the programs of that version in WOOSYNC_POSTGRES_BIN, or move the folder away: the copy is made anew from the shop.',
  ),
  data_directory_unusable: kind(
    500,
    (d) => `The data directory cannot be used: ${d.cause}.`,
    'Choose another one with WOOSYNC_DATA, or correct its owner and rights.',
  ),

  // Interfaces
  port_taken: kind(
    500,
    (d) => `Port ${d.port} on ${d.host} is taken by another program.`,
    'Set PORT (or DEMO_PORT for the demo shop) to a free one.',
  ),
  usage: kind(400, (d) => String(d.problem), 'Run the command with --help.'),
  unauthorized: kind(401, () => 'This needs a key.', 'Send one as `Authorization: Bearer <key>`.'),
  not_found: kind(404, (d) => `There is no ${d.what}.`, 'Check the address.'),
  input_invalid: kind(
    400,
    (d) => `The field ${d.field} is not usable: ${d.problem}.`,
    'Correct it; /docs, `woosync <command> --help` and the input schema of a tool show what each field takes.',
  ),
  cursor_invalid: kind(
    400,
    () => 'The cursor belongs to another list, or was changed on the way.',
    'Take nextCursor of the page before as it is, with the same filters and the same sort; or begin without one.',
  ),
  key_lacks_right: kind(
    403,
    (d) => `This needs the right to ${d.right}, which the key does not have.`,
    'Use a key with that right: `woosync keys create --scope <right>` makes one.',
  ),
  key_lacks_personal: kind(
    403,
    (d) => `The field ${d.field} asks about a person, and the key may not see personal data.`,
    'Leave the field out, or use a key with the scope personal.',
  ),
  key_unknown: kind(
    401,
    () => 'The key is not known, or no longer valid.',
    'Send a key as it was shown when it was made; `woosync keys list` shows which ones still work, `woosync keys create --scope read` makes one.',
  ),
  key_exceeds_own: kind(
    403,
    (d) => `Nobody can give the right ${d.right} who does not have it.`,
    'Leave it out, or do this with a key that has it.',
  ),
  too_many_attempts: kind(
    429,
    (d) => `There were too many attempts with a wrong key or password. Wait ${d.seconds} s.`,
    'Wait as long as the header `Retry-After` says, and check the key or password.',
  ),
  rate_limited: kind(
    429,
    (d) => `There were more than ${d.limit} requests in a minute.`,
    'Wait as long as the header `Retry-After` says. RATE_LIMIT_PER_MINUTE changes the limit.',
  ),
  too_many_listeners: kind(
    429,
    (d) => `This key already listens to events ${d.limit} times.`,
    'End a stream that is no longer needed; one is enough for every resource.',
  ),
  body_too_large: kind(413, () => 'The body of the request is larger than 1 MB.', 'Send less at once.'),
  body_not_json: kind(
    415,
    () => 'The body of the request is not JSON.',
    'Send `Content-Type: application/json` and one JSON object.',
  ),
  cross_site_refused: kind(
    403,
    () => 'The request comes from a page of another site.',
    'Open the page on this server itself; programs send a key instead of a cookie.',
  ),
  sign_in_refused: kind(
    401,
    () => 'The e-mail or the password is wrong, or the user may not sign in.',
    'Try again. An administrator can make a new user: `woosync users create`.',
  ),
  user_exists: kind(
    409,
    () => 'There is a user with this e-mail already.',
    'Use another e-mail; `woosync users list` shows the users.',
  ),
  store_not_found: kind(
    404,
    () => 'There is no such store that you may see.',
    'Check the id in the field store, and the stores the key is for.',
  ),
  store_not_served: kind(
    409,
    (d) => `Store ${d.store} is only kept in the database; this program works with another one.`,
    'Run the program with the settings of that store for this; questions about it are answered here.',
  ),
  host_refused: kind(
    403,
    () => 'The request names a host, or comes from a page, that is not known to be of this server.',
    'Ask under its address, under localhost on the same machine, or set PUBLIC_URL to the address it is reached under.',
  ),
  method_not_allowed: kind(
    405,
    (d) => `This address does not take ${d.method}.`,
    'The header `Allow` of the answer names what it takes.',
  ),
  request_malformed: kind(
    400,
    () => 'The request is no proper HTTP, or its address is not written correctly.',
    'Check how the request is made.',
  ),
  request_headers_too_large: kind(
    431,
    () => 'The headers of the request are larger than 16 KB.',
    'Send fewer or shorter ones; cookies are not needed here.',
  ),
  request_timeout: kind(
    408,
    () => 'The request did not arrive in time.',
    'Send it again; over a slow line, send less at once.',
  ),
  store_not_known: kind(
    503,
    () => 'No shop is known yet: the first contact has not been made.',
    'Wait a moment after the start. If it stays so, run `woosync test-connection`.',
  ),
  delivery_refused: kind(
    401,
    (d) => `A webhook delivery was refused: ${d.cause}.`,
    'If it came from your shop, run `woosync doctor`: it compares the webhooks with what they should be.',
  ),
  delivery_too_large: kind(
    413,
    () => 'A webhook delivery is larger than 5 MB.',
    'Nothing is lost: polling brings the change.',
  ),
  delivery_unreadable: kind(
    422,
    (d) => `Webhook deliveries for ${d.topic} could not be read (${d.deliveries} at once).`,
    'Nothing is lost: the shop is asked instead. A plugin in the shop may change what webhooks send.',
  ),
  delivery_set_aside: kind(
    500,
    (d) => `A webhook delivery for ${d.topic} could not be worked off (${d.cause}) and was set aside.`,
    'Nothing is lost: the shop is asked instead. Please report it with the log lines around it.',
  ),
  webhook_disabled: kind(
    502,
    (d) => `The webhook for ${d.topic} at ${d.host} was found ${d.found}.`,
    'It is put right by itself where the key may write, and what was missed is read. If it comes back: the shop must reach PUBLIC_URL and be answered with 200; it switches a webhook off after seven failures.',
  ),
  internal: kind(
    500,
    (d) => `Something went wrong inside the program (${d.cause}).`,
    'Please report it with the log lines around it.',
  ),
} satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorKinds

/** An error with a code of {@link errorKinds}. `message` is the sentence; `wayOut` what to do. */
export class WooSyncError extends Error {
  readonly code: ErrorCode
  readonly data: Data

  constructor(code: ErrorCode, data: Data = {}, options?: { cause?: unknown }) {
    super(errorKinds[code].sentence(data), options)
    this.name = 'WooSyncError'
    this.code = code
    this.data = data
  }

  get wayOut(): string {
    return errorKinds[this.code].wayOut
  }

  get status(): number {
    return errorKinds[this.code].status
  }

  toJSON() {
    return { code: this.code, message: this.message, wayOut: this.wayOut, data: this.data }
  }
}

/** Anything thrown, as a {@link WooSyncError}; what has no code of its own becomes `internal`. */
export function toWooSyncError(thrown: unknown): WooSyncError {
  if (thrown instanceof WooSyncError) return thrown
  const cause = thrown instanceof Error ? thrown.message : String(thrown)
  return new WooSyncError('internal', { cause }, { cause: thrown })
}
