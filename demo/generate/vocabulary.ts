/** What a Romanian drinks shop sells: kinds of drinks and the words their names are made of. Brands are invented. */
import type { TaxClass } from './money.ts'

export interface Kind {
  /** First letters of the SKU. */
  code: string
  /** The slug of its category. */
  category: string
  prefix: string
  brands: readonly string[]
  styles: readonly string[]
  volumes: readonly string[]
  /** Lei for a bottle of average size, tax included. */
  price: readonly [low: number, high: number]
  alcohol: readonly string[]
  countries: readonly string[]
  taxClass: TaxClass
  /** Its part of the shop, and how often it is bought. */
  weight: number
  /** Sold by sixes and twelves. */
  pack: boolean
}

const spirits = { volumes: ['500 ml', '700 ml', '1 L'], taxClass: '', pack: false } as const
const wine = {
  volumes: ['750 ml'],
  alcohol: ['11.5', '12.5', '13', '13,5'],
  countries: ['România', 'România', 'România', 'Republica Moldova'],
  taxClass: '',
  pack: false,
} as const

export const KINDS: readonly Kind[] = [
  {
    ...spirits,
    code: 'VOD',
    category: 'vodca',
    prefix: 'Vodcă',
    brands: ['Zăpada', 'Mesteacănul', 'Crivăț', 'Nordlys', 'Grădina de Nord'],
    styles: ['Clasică', 'Lămâie', 'Piper roșu', 'Vanilie', 'Gold'],
    price: [45, 130],
    alcohol: ['37,5', '40'],
    countries: ['România', 'Polonia', 'Suedia'],
    weight: 12,
  },
  {
    ...spirits,
    code: 'GIN',
    category: 'gin',
    prefix: 'Gin',
    brands: ['Grădina Secretă', 'Hollin & Rye', 'Muntele Verde', 'O’Tooley'],
    styles: ['London Dry', 'Pink', 'Cetină de brad', 'Flori de soc', 'Portocală roșie'],
    price: [70, 210],
    alcohol: ['37,5', '41.3', '43'],
    countries: ['România', 'Regatul Unit', 'Irlanda'],
    weight: 11,
  },
  {
    ...spirits,
    code: 'ROM',
    category: 'rom',
    prefix: 'Rom',
    brands: ['Insula', 'Añejo Real', 'Barlovento'],
    styles: ['Alb', 'Auriu', 'Negru', '7 ani', 'Condimentat'],
    price: [55, 240],
    alcohol: ['37,5', '40', '46'],
    countries: ['Cuba', 'Jamaica', 'Guatemala'],
    weight: 8,
  },
  {
    ...spirits,
    code: 'WHI',
    category: 'scotch',
    prefix: 'Whisky',
    brands: ['Glen Corran', 'MacArden', 'Loch Mòrlan'],
    styles: ['10 ani', '12 ani', 'Double Cask', 'Fum de turbă', 'Reserva 18'],
    price: [90, 480],
    alcohol: ['40', '43', '46'],
    countries: ['Scoția'],
    weight: 10,
  },
  {
    ...spirits,
    code: 'BOU',
    category: 'bourbon',
    prefix: 'Whiskey',
    brands: ['Old Cooper’s', 'Kettle Ridge'],
    styles: ['Straight Bourbon', 'Single Barrel', 'Rye', 'Honey & Oak'],
    price: [95, 260],
    alcohol: ['40', '45'],
    countries: ['SUA'],
    weight: 5,
  },
  {
    ...spirits,
    code: 'IRL',
    category: 'irlandez',
    prefix: 'Whiskey',
    brands: ['O’Dunnely', 'Cork & Clover'],
    styles: ['Triple Distilled', 'Caskmates', 'Pot Still'],
    price: [85, 220],
    alcohol: ['40'],
    countries: ['Irlanda'],
    weight: 4,
  },
  {
    ...spirits,
    code: 'TUI',
    category: 'tuica-si-palinca',
    prefix: 'Țuică',
    brands: ['Bătrână', 'din Deal', 'Moșului'],
    styles: ['de prune', 'de pere', 'de mere', 'învechită 5 ani'],
    price: [40, 140],
    alcohol: ['38', '42', '45'],
    countries: ['România'],
    weight: 6,
  },
  {
    ...spirits,
    code: 'PAL',
    category: 'tuica-si-palinca',
    prefix: 'Pălincă',
    brands: ['de Bihor', 'din Maramureș', 'Zeiței'],
    styles: ['de prune', 'de caise', 'de pere Williams'],
    price: [60, 190],
    alcohol: ['50', '52'],
    countries: ['România'],
    weight: 5,
  },
  {
    ...spirits,
    code: 'VIN',
    category: 'coniac-brandy',
    prefix: 'Vinars',
    brands: ['Curtea Veche', 'Stejarul'],
    styles: ['VS', 'VSOP', 'XO'],
    price: [50, 260],
    alcohol: ['36', '40'],
    countries: ['România'],
    weight: 4,
  },
  {
    ...spirits,
    code: 'LIC',
    category: 'lichior',
    prefix: 'Lichior',
    brands: ['Cămara Bunicii', 'Dulce Șoaptă'],
    styles: ['Vișinată', 'Afinată', 'de nuci verzi', 'de ouă', 'Cafea'],
    price: [35, 95],
    alcohol: ['18', '25'],
    countries: ['România', 'Italia'],
    weight: 5,
  },
  {
    ...wine,
    code: 'VRO',
    category: 'vin-rosu',
    prefix: 'Vin roșu',
    brands: ['Dealul Corbului', 'Podgoria Mărului', 'Crama Țapului', 'Valea Șoimului'],
    styles: ['Fetească Neagră', 'Cabernet Sauvignon', 'Merlot', 'Negru de Drăgășani', 'Băbească Neagră'],
    price: [28, 150],
    weight: 14,
  },
  {
    ...wine,
    code: 'VAL',
    category: 'vin-alb',
    prefix: 'Vin alb',
    brands: ['Dealul Corbului', 'Podgoria Mărului', 'Crama Țapului'],
    styles: ['Fetească Albă', 'Fetească Regală', 'Tămâioasă Românească', 'Sauvignon Blanc', 'Grasă'],
    price: [25, 95],
    weight: 11,
  },
  {
    ...wine,
    code: 'VRS',
    category: 'vin-rose',
    prefix: 'Vin rosé',
    brands: ['Dealul Corbului', 'Valea Șoimului'],
    styles: ['Busuioacă de Bohotin', 'Cuvée', 'Fetească Neagră'],
    price: [28, 70],
    weight: 4,
  },
  {
    ...wine,
    code: 'SPU',
    category: 'spumant',
    prefix: 'Spumant',
    brands: ['Zâna', 'Curtea Veche'],
    styles: ['Brut', 'Demisec', 'Rosé', 'Extra Brut'],
    price: [35, 160],
    weight: 6,
  },
  {
    code: 'BER',
    category: 'bere-blonda',
    prefix: 'Bere',
    brands: ['Zimbrul', 'Cetatea'],
    styles: ['Blondă', 'Fără filtru', 'Brună'],
    volumes: ['330 ml', '500 ml'],
    price: [5, 9],
    alcohol: ['4,5', '5'],
    countries: ['România', 'Cehia'],
    taxClass: '',
    weight: 7,
    pack: true,
  },
  {
    code: 'BEA',
    category: 'bere-artizanala',
    prefix: 'Bere artizanală',
    brands: ['Hop Haiduc', 'Berăria Șurii', 'Ursita'],
    styles: ['IPA', 'Roșie', 'Sour cu vișine', 'Stout „Noapte bună”'],
    volumes: ['330 ml', '500 ml'],
    price: [12, 19],
    alcohol: ['5,2', '6.5', '8'],
    countries: ['România'],
    taxClass: '',
    weight: 9,
    pack: true,
  },
  {
    code: 'RAC',
    category: 'racoritoare',
    prefix: 'Răcoritoare',
    brands: ['Izvorul Cerbului', 'Livada Noastră'],
    styles: ['Apă minerală', 'Limonadă cu mentă', 'Sirop de soc', 'Suc de mere'],
    volumes: ['500 ml', '1 L'],
    price: [4, 24],
    alcohol: ['0'],
    countries: ['România'],
    taxClass: 'reduced-rate',
    weight: 8,
    pack: true,
  },
]

/** What a variable product is called, and where it belongs. */
export const VARIABLE: readonly (readonly [name: string, category: string, price: number])[] = [
  ['Vodcă Casa Noastră', 'vodca', 32],
  ['Țuică Bătrână la damigeană', 'tuica-si-palinca', 34],
  ['Pălincă de Bihor „Rezerva casei”', 'tuica-si-palinca', 48],
  ['Gin Grădina Secretă – ediții', 'gin', 46],
  ['Rom Insula', 'rom', 39],
  ['Vin de masă vrac', 'vin', 14],
  ['Bere la baxuri', 'bere', 18],
  ['Lichior de nuci', 'lichior', 29],
  ['Set degustare', 'cadouri', 45],
  ['Whisky Glen Corran – miniaturi', 'whisky-whiskey', 52],
  ['Vișinată de casă', 'lichior', 26],
]

export const ACCESSORIES: readonly (readonly [name: string, price: number])[] = [
  ['Tirbușon „Sommelier”', 49],
  ['Pahare de țuică, set 6', 65],
  ['Decantor de vin 1,5 L', 139],
  ['Ghid de cocktailuri (PDF)', 20],
]
