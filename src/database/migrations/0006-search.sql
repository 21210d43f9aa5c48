-- Search: products are found by the words of their name, by SKU and GTIN, whatever the case, the diacritics and the
-- punctuation. A SKU's case is ignored everywhere. Nothing here needs an extension.

-- A text as it is compared: no diacritics (țuica, Țuică and tuica are one), small letters, apostrophes gone, and one
-- space for all that is neither letter nor digit. Ranges of characters instead of classes: the same in every locale.
CREATE FUNCTION mirror.search_form(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(regexp_replace(
  replace(replace(replace(replace(
    lower(translate(
      regexp_replace(normalize(value, NFKD), '[\u0300-\u036f''’‘`ʼ]', '', 'g'),
      'ŁłĐđØøıŦŧÐðÆŒÞẞ', 'LlDdOoiTtDdæœþß')),
    'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
  '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u2bff\u2e00-\u2e7f\u3000-\u303f\ufe30-\ufe4f]+',
  ' ', 'g'));

-- What a row is found by: each word, and what punctuation holds together in one piece as well (VOD-001: vod, 001
-- and vod001; 37,5%: 37, 5 and 375). Cut, as a word of more than 2,046 bytes would be an error.
CREATE FUNCTION mirror.search_pieces(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN string_to_array(left(mirror.search_form(value), 500), ' ')
    || string_to_array(left(mirror.search_form(
         regexp_replace(value, '[\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007f\u00a1-\u00bf\u2010-\u2027\u2030-\u205e]', '', 'g')
       ), 500), ' ');

CREATE FUNCTION mirror.search_words(name text, sku text, gtin text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(array_remove(
  mirror.search_pieces(left(coalesce(name, ''), 500))
    || mirror.search_pieces(left(coalesce(sku, ''), 200))
    || mirror.search_pieces(left(coalesce(gtin, ''), 200)),
  ''));

ALTER TABLE mirror.products
  -- For the order of lists, too.
  ADD COLUMN search_name text GENERATED ALWAYS AS (left(mirror.search_form(left(coalesce(name, ''), 500)), 500)) STORED,
  ADD COLUMN search_words tsvector GENERATED ALWAYS AS (mirror.search_words(name, sku, gtin)) STORED;
ALTER TABLE mirror.variations
  ADD COLUMN search_words tsvector GENERATED ALWAYS AS (mirror.search_words(name, sku, gtin)) STORED;

CREATE INDEX products_search ON mirror.products USING gin (search_words);
CREATE INDEX variations_search ON mirror.variations USING gin (search_words);
CREATE INDEX products_sku_any_case ON mirror.products (store_id, lower(sku));
CREATE INDEX variations_sku_any_case ON mirror.variations (store_id, lower(sku));
