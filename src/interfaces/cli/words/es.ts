import type { ConnectionWords } from '../words.ts'

const KEYS = 'WooCommerce → Ajustes → Avanzado → API REST'

export const es: ConnectionWords = {
  title: (host) => `PRUEBA DE CONEXIÓN CON WOOCOMMERCE - ${host}`,
  demoShop: 'tienda de demostración',
  checking: 'Comprobando la conexión...',
  connected: 'API de WooCommerce conectada',
  shop: (name, woocommerce) => `${name}${woocommerce === null ? '' : ` (WooCommerce ${woocommerce})`}`,
  readOnly: 'La clave solo permite leer: funciona todo menos los webhooks y las propuestas.',
  synchronising: (host) => `Sincronizando los productos de ${host}...`,
  synchronised: (products) =>
    products === 1 ? '1 producto sincronizado' : `${products} productos sincronizados`,
  first: (products) => (products === 1 ? 'El primer producto:' : `Los ${products} primeros productos:`),
  noProducts: 'La tienda todavía no tiene productos.',
  stock: 'Existencias',
  noPrice: 'sin precio',
  inStock: 'disponible',
  outOfStock: 'agotado',
  onBackorder: 'disponible por reserva',
  database: {
    hostKey: ({ host, fingerprint, known }) =>
      `Servidor SSH ${host}: ${fingerprint}${known ? '' : ' (visto por primera vez, se recordará desde ahora)'}`,
    sshSignIn: ({ host, user }) => `Sesión iniciada en ${host} como ${user}`,
    way: {
      direct: 'El servidor de la base de datos es accesible directamente',
      tunnel: 'El servidor de la base de datos es accesible a través de SSH',
      exec: 'El reenvío por SSH está prohibido: se usa el programa mysql del servidor',
    },
    signIn: ({ host, user, database, version }) =>
      `Base de datos ${database} en ${host} como ${user} (${version})`,
    rights: ({ tables }) => `Se pueden leer las ${tables} tablas necesarias`,
    storage: ({ storage, prefix, timezone }) =>
      `Los pedidos están en ${storage === 'hpos' ? 'sus propias tablas (HPOS)' : 'la tabla posts (almacenamiento clásico)'}, prefijo ${prefix}, zona horaria ${timezone}`,
    counts: ({ orders, products, variations, customers }) =>
      `Encontrado: ${orders} pedidos, ${products} productos, ${variations} variaciones, ${customers} clientes`,
  },
  faults: {
    store_host_unknown: {
      sentence: (d) => `No existe ningún sitio con la dirección ${d.host}.`,
      wayOut: 'Revisa que WOOCOMMERCE_URL esté bien escrita y que este equipo tenga conexión a internet.',
    },
    store_unreachable: {
      sentence: (d) => `La tienda ${d.host} no responde.`,
      wayOut: 'Revisa WOOCOMMERCE_URL y que el sitio se abra en un navegador desde este equipo.',
    },
    store_timeout: {
      sentence: (d) => `La tienda ${d.host} no respondió en ${d.seconds} s.`,
      wayOut: 'Inténtalo de nuevo; si se repite, aumenta STORE_TIMEOUT_SECONDS o consulta a tu hosting.',
    },
    store_certificate_untrusted: {
      sentence: (d) => `El certificado SSL de ${d.host} no es de confianza.`,
      wayOut:
        'Instala un certificado válido o indica en WOOCOMMERCE_CA_FILE el archivo de la autoridad que lo emitió.',
    },
    store_redirects_elsewhere: {
      sentence: (d) => `${d.host} redirige a sus visitantes a ${d.target}; las claves no se envían allí.`,
      wayOut: 'Pon en WOOCOMMERCE_URL la dirección en la que está de verdad la tienda.',
    },
    store_not_woocommerce: {
      sentence: (d) => `En ${d.host} no hay una API de WooCommerce.`,
      wayOut:
        'Revisa WOOCOMMERCE_URL (la dirección de la tienda, con su carpeta si la tiene) y que WooCommerce esté activo.',
    },
    store_rest_disabled: {
      sentence: (d) => `La API REST de ${d.host} está desactivada.`,
      wayOut:
        'Suele hacerlo un plugin de seguridad: permite en él /wp-json/wc/v3/ para los programas que usan claves.',
    },
    store_plain_permalinks: {
      sentence: (d) => `${d.host} usa enlaces permanentes simples, con los que WooCommerce no acepta claves.`,
      wayOut: 'En WordPress, elige cualquier otra estructura en Ajustes → Enlaces permanentes y guarda.',
    },
    store_key_unknown: {
      sentence: (d) => `La tienda ${d.host} no conoce esta clave de cliente (consumer key).`,
      wayOut: `Crea una clave en ${KEYS} y ponla en WOOCOMMERCE_KEY y WOOCOMMERCE_SECRET.`,
    },
    store_secret_wrong: {
      sentence: (d) =>
        `La tienda ${d.host} conoce la clave, pero el secreto (consumer secret) no es correcto.`,
      wayOut: `Copia el secreto otra vez o crea una clave nueva en ${KEYS}: WooCommerce lo muestra una sola vez.`,
    },
    store_signature_refused: {
      sentence: (d) => `La tienda ${d.host} rechaza la firma de la petición.`,
      wayOut:
        'Revisa el secreto y que WOOCOMMERCE_URL sea exactamente la dirección de la tienda (http o https, con o sin www).',
    },
    store_rights_missing: {
      sentence: (d) => `La clave de ${d.host} no tiene permiso para leer: ${d.what}.`,
      wayOut: `En ${KEYS}, crea la clave para un usuario que sea administrador o gestor de la tienda.`,
    },
    store_blocked_by_host: {
      sentence: (d) =>
        `${d.host} respondió con una página web en lugar de datos (estado ${d.status}): es probable que un firewall bloquee la dirección de este equipo.`,
      wayOut:
        'Pide a tu hosting que permita en /wp-json/ el programa «woo-sync-engine» y la dirección IP de este equipo.',
    },
    store_unavailable: {
      sentence: (d) => `${d.host} no está disponible en este momento (estado ${d.status}).`,
      wayOut: 'Inténtalo dentro de unos minutos; si se repite, revisa el registro del servidor.',
    },
  },
}
