import { LineCounter } from 'yaml'
import type { Site } from '../model/site.ts'
import type { ConfigError, Remedy } from './configError.ts'
import type { Path, Problem } from './parseYaml.ts'
import { parseYaml } from './parseYaml.ts'
import { referenceErrors } from './referenceErrors.ts'
import { formErrors } from './siteForm.ts'
import type { WrittenSite } from './siteSchema.ts'
import { siteSchema } from './siteSchema.ts'

/** Octets of a site file that are read: far above any real one, far below what would make an editor slow. */
export const maxSiteBytes = 4 * 1024 * 1024

export type ParsedSite =
  | {
      readonly site: Site
      /** What is wrong with the value at a path, as an error with its place: for what only a file elsewhere shows. */
      readonly errorAt: (path: Path, remedy: Remedy) => ConfigError
      /** Where the key at a path stands, or the nearest thing around it that does; both count from 1. */
      readonly placeOf: (path: Path) => Pick<ConfigError, 'line' | 'column'>
    }
  | { readonly errors: readonly ConfigError[] }

/**
 * Reads a site file (YAML 1.2, one document) and checks it whole: form, words, and that every name it mentions exists.
 *
 * @param given the file's text
 * @param file how the file is called in errors
 * @returns the site with its defaults filled in, or everything that is wrong, in the order of the file; never throws on
 *   any text
 */
export function parseSite(given: string, file: string): ParsedSite {
  // A byte order mark takes no column.
  const text = given.replace(/^\uFEFF/, '')
  // In UTF-16 units, of which each makes an octet at least.
  if (text.length > maxSiteBytes) {
    return { errors: [{ file, line: 1, column: 1, ...tooLarge(text.length) }] }
  }
  const errorAt = placer(text, file)
  if (text.trim() === '') return { errors: [errorAt({ offset: 0, ...empty })] }
  const yaml = parseYaml(text)
  if ('problem' in yaml) return { errors: [errorAt(yaml.problem)] }
  const { value, offsetOf } = yaml
  // A file of comments only.
  if (value === null) return { errors: [errorAt({ offset: 0, ...empty })] }
  const parsed = siteSchema.safeParse(value)
  const form = parsed.success ? [] : formErrors(parsed.error.issues, value)
  // Of twins the value has the last: what the first says is not there to be referred to.
  const twins = yaml.problems.map((problem) => ({ ...problem, on: 'key' as const }))
  const placed = [...form, ...referenceErrors(value, [...form, ...twins])].map(({ path, on, what, right }) => ({
    offset: offsetOf(path, on),
    what,
    right,
  }))
  const problems = [...yaml.problems, ...placed].sort((a, b) => a.offset - b.offset)
  return parsed.success && problems.length === 0
    ? {
        site: siteOf(parsed.data),
        errorAt: (path, remedy) => errorAt({ offset: offsetOf(path, 'value'), ...remedy }),
        placeOf: (path) => {
          const { line, column } = errorAt({ offset: offsetOf(path, 'key'), what: '', right: '' })
          return { line, column }
        },
      }
    : { errors: problems.map(errorAt) }
}

const empty: Remedy = {
  what: 'the file is empty',
  right: 'write at least site: and hosts:, as examples/smallest.yaml does',
}

/** What is wrong with a file of so many octets. */
export function tooLarge(octets: number): Remedy {
  const mib = (count: number): string => (count / 1024 / 1024).toFixed(1)
  return {
    what: `the file has ${mib(octets)} MiB`,
    right: `a site file has at most ${mib(maxSiteBytes)} MiB: is it the right file?`,
  }
}

function placer(text: string, file: string): (problem: Problem) => ConfigError {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) lines.addNewLine(end + 1)
  return ({ offset, what, right }) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length))
    return { file, line, column: col, what, right }
  }
}

function siteOf(written: WrittenSite): Site {
  const { 'federation-service': federationService, proxies, apps, ...rest } = written
  return {
    ...rest,
    ...(federationService !== undefined && { federationService }),
    ...(apps !== undefined && { apps: appsOf(apps) }),
    proxies: Object.fromEntries(
      Object.entries(proxies).map(([name, { 'used-by': usedBy, ...proxy }]) => [name, { ...proxy, usedBy }]),
    ),
  }
}

function appsOf(written: NonNullable<WrittenSite['apps']>): NonNullable<Site['apps']> {
  return Object.fromEntries(
    Object.entries(written).map(([name, { 'redirect-uris': redirectUris, ...app }]) => [
      name,
      { ...app, redirectUris },
    ]),
  )
}
