// What can stand where the cursor is, in a scenario in block style: the place is found by indentation, what may be there by the JSON
// Schema of scenario files. Pure: editor.ts hands it to CodeMirror.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  definitions?: Record<string, Schema>;
}

interface Token {
  column: number;
  key: string | undefined;  // undefined: the dash of a list's item
  behind: number;           // where what follows it begins
}

// "  - at: rcpt" -> a dash at 2, the key "at" at 4.
function tokens(line: string): Token[] {
  const found: Token[] = [];
  let column = /^ */.exec(line)?.[0].length ?? 0;
  for (let dash = /^- +|^-$/.exec(line.slice(column)); dash; dash = /^- +|^-$/.exec(line.slice(column))) {
    found.push({ column, key: undefined, behind: column + dash[0].length });
    column += dash[0].length;
  }
  const key = /^("?)([\w.-]+)\1:(?: +|$)/.exec(line.slice(column));
  if (key) found.push({ column, key: key[2], behind: column + key[0].length });
  return found;
}

export interface Spot {
  path: string[];     // keys, and "[]" for an item of a list
  value: boolean;     // behind a key: its value is awaited, else a key
  from: number;       // column where the word under the cursor begins
  taken: Set<string>; // keys that the map has already
}

const kItem = '[]';

// `lines`: the text; the cursor stands in `row` at `column`. Undefined where nothing can be said: in a comment or in flow style.
export function spotAt(lines: string[], row: number, column: number): Spot | undefined {
  const before = (lines[row] ?? '').slice(0, column);
  if (/(^|\s)#/.test(before) || /[{[]/.test(before)) return undefined;
  const here = tokens(before);
  const last = here.at(-1);
  const value = last?.key !== undefined;
  const from = last ? last.behind : (/^ */.exec(before)?.[0].length ?? 0);
  if (/\s/.test(before.slice(from))) return undefined;
  const path: string[] = [];
  let edge = from;  // what encloses it stands left of here
  const outward = (found: Token[]): void => {
    for (const token of found.reverse()) {
      // A list may stand as far left as the key that it belongs to.
      const encloses = token.column < edge || (token.column === edge && token.key !== undefined && path[0] === kItem);
      if (!encloses) continue;
      path.unshift(token.key ?? kItem);
      edge = token.column;
    }
  };
  outward(here);
  for (let above = row - 1; above >= 0 && !(edge === 0 && path[0] !== kItem); --above) {
    const text = lines[above] ?? '';
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
    outward(tokens(text));
  }
  return { path, value, from, taken: value ? new Set() : siblings(lines, row, from) };
}

// The keys of the map to which a key at that column in that row belongs: a dash left of the column begins it.
function siblings(lines: string[], row: number, column: number): Set<string> {
  const found = new Set<string>();
  const begins = (text: string): boolean => tokens(text).some((token) => token.key === undefined && token.column < column);
  const walk = (step: 1 | -1): void => {
    for (let at = row + step; at >= 0 && at < lines.length; at += step) {
      const text = lines[at] ?? '';
      if (text.trim() === '') continue;
      const first = begins(text);
      if (first && step === 1) return;
      const key = tokens(text).find((token) => token.key !== undefined && token.column === column)?.key;
      if (key) found.add(key);
      if (first || (/^ */.exec(text)?.[0].length ?? 0) < column) return;
    }
  };
  if (!begins(lines[row] ?? '')) walk(-1);
  walk(1);
  return found;
}

// All that the schema may mean: references followed, alternatives side by side.
function meanings(schema: Schema | undefined, root: Schema, depth = 0): Schema[] {
  if (!schema || depth > 12) return [];
  const referred = schema.$ref ? root.definitions?.[schema.$ref.replace('#/definitions/', '')] : undefined;
  return [schema, ...[referred, ...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])].flatMap((one) => (one ? meanings(one, root, depth + 1) : []))];
}

function inside(schemas: Schema[], step: string, root: Schema): Schema[] {
  return schemas.flatMap((schema) => {
    if (step === kItem) return meanings(schema.items, root);
    const known = schema.properties?.[step];
    if (known) return meanings(known, root);
    return typeof schema.additionalProperties === 'object' ? meanings(schema.additionalProperties, root) : [];
  });
}

export interface Offer {
  label: string;
  info: string;
}

export function offers(root: Schema, spot: Spot): Offer[] {
  let schemas = meanings(root, root);
  for (const step of spot.path) schemas = inside(schemas, step, root);
  const found = new Map<string, Offer>();
  const add = (label: string, info: string): void => {
    if (!found.has(label) && !spot.taken.has(label)) found.set(label, { label, info });
  };
  // Keys of a map that begins behind its own key stand in a line of their own.
  if (!spot.value) for (const schema of schemas) for (const [key, one] of Object.entries(schema.properties ?? {})) add(key, one.description ?? '');
  for (const schema of schemas) {
    for (const one of schema.enum ?? (schema.const === undefined ? [] : [schema.const])) add(String(one), schema.description ?? '');
    // A list may be written as its only item.
    if (spot.value) for (const item of meanings(schema.items, root)) for (const one of item.enum ?? []) add(String(one), '');
  }
  return [...found.values()];
}
