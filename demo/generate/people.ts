/** Invented people of the demo shop: all e-mails at example.test, all numbers made up. */
import type { Raw } from '../table.ts'
import { between, chance, createRandom, int, mix, pick } from './random.ts'

const FIRST = (
  'Ana Maria Ioana Andreea Elena Cristina Ilinca Cătălina Lăcrămioara Ruxandra Bianca Daniela Gabriela Raluca ' +
  'Mihaela Ștefania Teodora Simona Andrei Mihai Ștefan Răzvan Șerban Ionuț Cătălin Țvetan George Vlad Bogdan ' +
  'Dragoș Călin Radu Zoltán Björn José Petru Florin Lucian Tudor Sorin Ágnes Oana Dănuț Horațiu'
).split(' ')
const LAST = (
  'Popescu Ionescu Mureșan Dumitrescu Câmpeanu Stănescu-Rădulescu Țăranu Șandru Kovács García O’Brien Georgescu ' +
  'Rusu Munteanu Matei Diaconu Stoica Lungu Bălan Ciobanu Crăciun Tănase Văduva Șerbănescu Nagy Vlăduț Țepeș ' +
  'Constantinescu Marin Dobre Avram Zamfir Păun Iliescu-Brânză Dragomir Costin Pârvu Sârbu'
).split(' ')
const STREETS = [
  'Strada Mihai Eminescu',
  'Bd. Unirii',
  'Șoseaua Ștefan cel Mare',
  'Calea Victoriei',
  'Str. Păcii',
  'Strada Lămâiței',
  'Aleea Țesătorilor',
  'Str. 1 Decembrie 1918',
  'Strada Grădinarilor',
]
const CITIES: readonly (readonly [city: string, state: string, postcode: string])[] = [
  ['București', 'B', '010011'],
  ['București', 'B', '030031'],
  ['București', 'B', '060042'],
  ['Cluj-Napoca', 'CJ', '400001'],
  ['Timișoara', 'TM', '300001'],
  ['Iași', 'IS', '700001'],
  ['Brașov', 'BV', '500001'],
  ['Constanța', 'CT', '900001'],
  ['Târgu Mureș', 'MS', '540001'],
  ['Râmnicu Vâlcea', 'VL', '240001'],
  ['Ploiești', 'PH', '100001'],
  ['Oradea', 'BH', '410001'],
]

export interface Person {
  first: string
  last: string
  email: string
  phone: string
  company: string
  /** The company's tax id and its number in the trade register; '' for a private person. */
  taxId: string
  register: string
  street: string
  flat: string
  city: string
  state: string
  postcode: string
}

/** The `index`-th person of a shop, always the same. */
export function personOf(seed: number, index: number): Person {
  const random = createRandom(mix(seed, index, 21))
  const first = pick(random, FIRST)
  const last = pick(random, LAST)
  const city = pick(random, CITIES)
  const firm = chance(random, 0.12)
  const digits = String(between(random, 100_000, 999_999))
  return {
    first,
    last,
    email: `${plain(first)}.${plain(last)}${index}@example.test`,
    phone: phone(int(random, 4), digits),
    company: firm ? `SC ${last} ${pick(random, FIRMS)} SRL` : '',
    taxId: firm ? `RO${between(random, 1_000_000, 49_999_999)}` : '',
    register: firm ? `J40/${between(random, 1, 9999)}/${between(random, 1995, 2024)}` : '',
    street: `${pick(random, STREETS)} nr. ${between(random, 1, 220)}`,
    flat: chance(random, 0.5) ? `bl. A${between(random, 1, 20)}, ap. ${between(random, 1, 60)}` : '',
    city: city[0],
    state: city[1],
    postcode: city[2],
  }
}

const FIRMS = ['Impex', 'Horeca', 'Distribuție', 'Events & Catering', 'Cafe']

/** Lower-case letters without diacritics: for e-mails and slugs. */
export function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[^\p{Letter}\p{Number}]+/gu, '')
    .toLowerCase()
}

/** As people write their numbers: in four ways. */
function phone(way: number, digits: string): string {
  if (way === 0) return `+40700${digits}`
  if (way === 1) return `0700 ${digits.slice(0, 3)} ${digits.slice(3)}`
  if (way === 2) return `0040 700.${digits.slice(0, 3)}.${digits.slice(3)}`
  return `0700${digits}`
}

export function billing(person: Person): Raw {
  return {
    first_name: person.first,
    last_name: person.last,
    company: person.company,
    address_1: person.street,
    address_2: person.flat,
    city: person.city,
    state: person.state,
    postcode: person.postcode,
    country: 'RO',
    email: person.email,
    phone: person.phone,
  }
}

export function shipping(person: Person): Raw {
  return {
    first_name: person.first,
    last_name: person.last,
    company: person.company,
    address_1: person.street,
    address_2: person.flat,
    city: person.city,
    state: person.state,
    postcode: person.postcode,
    country: 'RO',
    phone: person.phone,
  }
}

export function noShipping(): Raw {
  return {
    first_name: '',
    last_name: '',
    company: '',
    address_1: '',
    address_2: '',
    city: '',
    state: '',
    postcode: '',
    country: '',
    phone: '',
  }
}
