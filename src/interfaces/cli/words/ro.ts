import type { ConnectionWords } from '../words.ts'

const KEYS = 'WooCommerce → Setări → Avansat → REST API'

export const ro: ConnectionWords = {
  title: (host) => `TEST CONEXIUNE WOOCOMMERCE - ${host}`,
  demoShop: 'magazin demonstrativ',
  checking: 'Verificare conexiune...',
  connected: 'API WooCommerce conectat',
  shop: (name, woocommerce) => `${name}${woocommerce === null ? '' : ` (WooCommerce ${woocommerce})`}`,
  readOnly: 'Cheia are doar drept de citire: merge totul, în afară de webhook-uri și de propuneri.',
  synchronising: (host) => `Sincronizare produse de pe ${host}...`,
  synchronised: (products) => `Sincronizat ${products} ${products === 1 ? 'produs' : 'produse'}`,
  first: (products) => (products === 1 ? 'Primul produs:' : `Primele ${products} produse:`),
  noProducts: 'Magazinul nu are încă produse.',
  stock: 'Stoc',
  noPrice: 'fără preț',
  inStock: 'în stoc',
  outOfStock: 'stoc epuizat',
  onBackorder: 'la precomandă',
  database: {
    hostKey: ({ host, fingerprint, known }) =>
      `Server SSH ${host}: ${fingerprint}${known ? '' : ' (văzut prima dată, ținut minte de acum înainte)'}`,
    sshSignIn: ({ host, user }) => `Autentificat pe ${host} ca ${user}`,
    way: {
      direct: 'Serverul bazei de date este accesibil direct',
      tunnel: 'Serverul bazei de date este accesibil prin SSH',
      exec: 'Redirecționarea SSH este interzisă: se folosește programul mysql al serverului',
    },
    signIn: ({ host, user, database, version }) =>
      `Baza de date ${database} de pe ${host}, ca ${user} (${version})`,
    rights: ({ tables }) => `Toate cele ${tables} tabele necesare pot fi citite`,
    storage: ({ storage, prefix, timezone }) =>
      `Comenzile sunt în ${storage === 'hpos' ? 'tabelele lor (HPOS)' : 'tabelul posts (stocare clasică)'}, prefix ${prefix}, fus orar ${timezone}`,
    counts: ({ orders, products, variations, customers }) =>
      `Găsit: comenzi ${orders}, produse ${products}, variații ${variations}, clienți ${customers}`,
  },
  faults: {
    store_host_unknown: {
      sentence: (d) => `Nu există niciun site la adresa ${d.host}.`,
      wayOut: 'Verifică dacă WOOCOMMERCE_URL este scris corect și dacă acest calculator are internet.',
    },
    store_unreachable: {
      sentence: (d) => `Magazinul ${d.host} nu răspunde.`,
      wayOut: 'Verifică WOOCOMMERCE_URL și dacă site-ul se deschide în browser de pe acest calculator.',
    },
    store_timeout: {
      sentence: (d) => `Magazinul ${d.host} nu a răspuns în ${d.seconds} s.`,
      wayOut:
        'Încearcă din nou; dacă se repetă, mărește STORE_TIMEOUT_SECONDS sau întreabă firma de găzduire.',
    },
    store_certificate_untrusted: {
      sentence: (d) => `Certificatul SSL al site-ului ${d.host} nu este de încredere.`,
      wayOut:
        'Instalează un certificat valid sau indică în WOOCOMMERCE_CA_FILE fișierul autorității care l-a emis.',
    },
    store_redirects_elsewhere: {
      sentence: (d) => `${d.host} trimite vizitatorii la ${d.target}; cheile nu se trimit mai departe.`,
      wayOut: 'Pune în WOOCOMMERCE_URL adresa la care se află de fapt magazinul.',
    },
    store_not_woocommerce: {
      sentence: (d) => `La ${d.host} nu există un API WooCommerce.`,
      wayOut:
        'Verifică WOOCOMMERCE_URL (adresa magazinului, cu tot cu folder, dacă are) și dacă WooCommerce este activat.',
    },
    store_rest_disabled: {
      sentence: (d) => `API-ul REST al magazinului ${d.host} este dezactivat.`,
      wayOut:
        'De obicei îl oprește un modul de securitate: permite acolo /wp-json/wc/v3/ pentru programele care folosesc chei.',
    },
    store_plain_permalinks: {
      sentence: (d) => `${d.host} folosește legături permanente simple, cu care WooCommerce nu acceptă chei.`,
      wayOut: 'În WordPress, alege orice altă structură la Setări → Legături permanente și salvează.',
    },
    store_key_unknown: {
      sentence: (d) => `Magazinul ${d.host} nu cunoaște cheia (consumer key).`,
      wayOut: `Creează o cheie nouă în ${KEYS} și pune-o în WOOCOMMERCE_KEY și WOOCOMMERCE_SECRET.`,
    },
    store_secret_wrong: {
      sentence: (d) => `Magazinul ${d.host} cunoaște cheia, dar secretul (consumer secret) este greșit.`,
      wayOut: `Copiază din nou secretul sau creează o cheie nouă în ${KEYS}: WooCommerce arată secretul o singură dată.`,
    },
    store_signature_refused: {
      sentence: (d) => `Magazinul ${d.host} respinge semnătura cererii.`,
      wayOut:
        'Verifică secretul și dacă WOOCOMMERCE_URL este exact adresa magazinului (http sau https, cu sau fără www).',
    },
    store_rights_missing: {
      sentence: (d) => `Cheia pentru ${d.host} nu are dreptul să citească: ${d.what}.`,
      wayOut: `În ${KEYS}, creează cheia pentru un utilizator care este administrator sau manager de magazin.`,
    },
    store_blocked_by_host: {
      sentence: (d) =>
        `${d.host} a răspuns cu o pagină web în loc de date (starea ${d.status}): probabil un firewall blochează adresa acestui calculator.`,
      wayOut:
        'Roagă firma de găzduire să permită pe /wp-json/ programul „woo-sync-engine” și adresa IP a acestui calculator.',
    },
    store_unavailable: {
      sentence: (d) => `${d.host} nu este disponibil momentan (starea ${d.status}).`,
      wayOut: 'Încearcă din nou peste câteva minute; dacă se repetă, uită-te în jurnalul serverului.',
    },
  },
}
