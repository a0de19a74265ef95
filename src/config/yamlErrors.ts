import type { ErrorCode } from 'yaml'
import type { Remedy } from './configError.ts'

interface Row extends Remedy {
  readonly code: ErrorCode
  /** Tells apart what the library gives one code; absent: every message of the code. */
  readonly says?: RegExp
}

/** The faults of YAML in words of one's own: the library's repeat the text, in which a secret may stand. */
const rows: readonly Row[] = [
  {
    code: 'MISSING_CHAR',
    says: /closing .quote/,
    what: 'a quote is opened and not closed',
    right: 'end the text with the same quote',
  },
  {
    code: 'MISSING_CHAR',
    says: /followed by map values/,
    what: 'there is a word where a key belongs',
    right: 'write key: value, with a space behind the colon',
  },
  {
    code: 'MISSING_CHAR',
    says: /Missing , (or : )?between/,
    what: 'two entries stand together in brackets',
    right: 'put a comma between them',
  },
  {
    code: 'MISSING_CHAR',
    says: /without - indicator/,
    what: 'an entry of a list has no dash',
    right: 'begin it with a dash and a space',
  },
  {
    code: 'MISSING_CHAR',
    says: /Comments must be separated/,
    what: 'a comment stands right behind a value',
    right: 'put a space before the #',
  },
  {
    code: 'MISSING_CHAR',
    says: /space after :/,
    what: 'a value stands right behind its colon',
    right: 'put a space behind the colon',
  },
  {
    code: 'MISSING_CHAR',
    says: /directives-end/,
    what: 'a line that begins with % stands before it',
    right: 'leave that line out',
  },
  {
    code: 'MISSING_CHAR',
    what: 'something that was opened is not closed, or a separator is missing',
    right: 'close every bracket, and put a space behind every colon and dash',
  },
  {
    code: 'BAD_INDENT',
    says: /must end with|sufficiently indented/,
    what: 'a bracket is opened and not closed, or what it holds is not indented',
    right: 'close it with ] or }, and indent the lines between',
  },
  {
    code: 'BAD_INDENT',
    what: 'the indentation does not fit the lines above',
    right: 'let the entries of one mapping or list begin in one column',
  },
  {
    code: 'BLOCK_AS_IMPLICIT_KEY',
    what: 'a second key or a list begins inside this value',
    right: 'put the value in quotes, or let the next line begin in the column of its key',
  },
  {
    code: 'BLOCK_IN_FLOW',
    what: 'inside brackets a comma is missing, or a list with dashes begins',
    right: 'write [a, b] and { key: value, other: value } there',
  },
  {
    code: 'MULTILINE_IMPLICIT_KEY',
    what: 'a key goes over several lines',
    right: 'write key: value on one line, with a space behind the colon',
  },
  { code: 'KEY_OVER_1024_CHARS', what: 'a key has more than 1024 characters', right: 'is a colon missing?' },
  { code: 'TAB_AS_INDENT', what: 'a tab indents this line', right: 'YAML is indented by spaces' },
  {
    code: 'UNEXPECTED_TOKEN',
    says: /empty item|, in/,
    what: 'there is a comma with nothing before it',
    right: 'put exactly one comma between two entries',
  },
  {
    code: 'UNEXPECTED_TOKEN',
    says: /Block scalar header/,
    what: 'something stands behind | or >',
    right: 'begin the text on the next line, indented',
  },
  {
    code: 'UNEXPECTED_TOKEN',
    what: 'this belongs to nothing before it',
    right: 'put a text that holds : # [ ] { or } in quotes, and close what is opened once',
  },
  {
    code: 'BAD_SCALAR_START',
    what: 'no plain text begins with this character',
    right: 'put the text in quotes',
  },
  { code: 'BAD_DQ_ESCAPE', what: 'this escape is none', right: 'write \\\\ for a backslash, or use single quotes' },
  { code: 'DUPLICATE_KEY', what: 'this key stands here a second time', right: 'each key stands once' },
  {
    code: 'BAD_ALIAS',
    what: 'an alias names no anchor above it, or the one it stands in',
    right: 'write the value out',
  },
  { code: 'ALIAS_PROPS', what: 'an alias has an anchor or a tag', right: 'write the value out' },
  { code: 'MULTIPLE_ANCHORS', what: 'a value has several anchors', right: 'leave anchors out' },
  { code: 'MULTIPLE_TAGS', what: 'a value has several tags', right: 'leave tags out' },
  { code: 'BAD_PROP_ORDER', what: 'an anchor stands before its dash or colon', right: 'leave anchors out' },
  { code: 'TAG_RESOLVE_FAILED', what: 'a tag is unknown', right: 'leave tags out' },
  { code: 'BAD_COLLECTION_TYPE', what: 'a tag does not fit its value', right: 'leave tags out' },
  { code: 'BAD_DIRECTIVE', what: 'this directive is unknown', right: 'leave lines that begin with % out' },
  { code: 'NON_STRING_KEY', what: 'a list or mapping stands where a key belongs', right: 'a key is a plain text' },
  { code: 'MULTIPLE_DOCS', what: 'a second document begins here', right: 'a site file is one: leave --- out' },
  { code: 'RESOURCE_EXHAUSTION', what: 'the text is nested too deep', right: 'close the brackets above' },
  { code: 'IMPOSSIBLE', what: 'this cannot be read', right: 'put the text in quotes' },
]

/** What a fault that the YAML library found means for the file, and how to mend it. */
export function remedyOfYamlError(code: ErrorCode, message: string): Remedy {
  const row = rows.find((each) => each.code === code && (each.says === undefined || each.says.test(message)))
  const { what, right } = row ?? { what: 'this cannot be read', right: 'put the text in quotes' }
  return { what: `this is not YAML: ${what}`, right }
}
