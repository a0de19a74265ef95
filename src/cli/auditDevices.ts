import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { GivenDevice } from '../audit/readDevices.ts'
import { vendorOf } from '../audit/readDevices.ts'
import type { LoadedSite, Remedy } from '../config/index.ts'
import { formatConfigErrors } from '../config/index.ts'
import { quoted } from '../config/quoted.ts'
import { readConfiguration } from '../config/readConfiguration.ts'
import { unknownWord } from '../config/unknownWord.ts'
import type { VendorRow } from '../firewall/reader.ts'
import type { ConfigurationFile } from '../firewall/source.ts'
import { vendors } from '../model/vendor.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/** The devices of an audit, and those of them that the site file does not have. */
export interface AuditDevices {
  readonly given: readonly GivenDevice[]
  /** Names of devices that came as FILEs and are none of the site file's. */
  readonly loose: readonly string[]
  /** Files whose encoding is a guess. */
  readonly guessed: readonly string[]
}

interface Sources {
  readonly files: readonly string[]
  readonly vendor?: string
  readonly loaded: LoadedSite | undefined
  readonly rows: readonly VendorRow[]
}

/**
 * Reads the files of the devices that an audit is about: those of the site file, or the FILEs that are named, of which
 * one that the site file has stands for its device with all of that device's files.
 *
 * @throws UsageError for a file that cannot be read, or whose vendor nobody knows
 */
export async function auditDevices({ files, vendor, loaded, rows }: Sources, shell: Shell): Promise<AuditDevices> {
  const guessed: string[] = []
  const named = rowNamed(vendor, rows)
  const known = new Map(
    Object.entries(loaded?.site.devices ?? {}).flatMap(([name, device]) =>
      device.files.map((file) => [resolve(loaded?.folder ?? shell.cwd, file), name] as const),
    ),
  )
  const ofSite = new Set<string>(files.length === 0 ? Object.keys(loaded?.site.devices ?? {}) : [])
  const loose = new Map<VendorRow, ConfigurationFile[]>()
  for (const file of new Set(files)) {
    const name = file === '-' ? undefined : known.get(resolve(shell.cwd, file))
    if (name !== undefined) {
      ofSite.add(name)
      continue
    }
    const text = await textOf(file, shell.cwd, file, shell, guessed)
    if ('what' in text) throw wrongFile(file, text)
    const row = named ?? rowOf(file, text.text, rows)
    loose.set(row, [...(loose.get(row) ?? []), text])
  }
  const given: GivenDevice[] = []
  if (loaded !== undefined) {
    for (const name of ofSite) given.push(await siteDevice(name, loaded, rows, shell, guessed))
  }
  const taken = new Set(given.map(({ name }) => name))
  const looseDevices = [...loose].map(([row, texts]): GivenDevice => {
    const name = taken.has(row.vendor) ? `${row.vendor} (${texts[0]?.name ?? ''})` : row.vendor
    return { name, row, files: texts, interfaces: {} }
  })
  return { given: [...given, ...looseDevices], loose: looseDevices.map(({ name }) => name), guessed }
}

async function siteDevice(
  name: string,
  loaded: LoadedSite,
  rows: readonly VendorRow[],
  shell: Shell,
  guessed: string[],
): Promise<GivenDevice> {
  const device = loaded.site.devices[name]
  const wrong = (path: readonly (string | number)[], remedy: Remedy): UsageError =>
    new UsageError(...formatConfigErrors([loaded.errorAt(['devices', name, ...path], remedy)]))
  const row = rows.find(({ vendor }) => vendor === device?.vendor)
  if (device === undefined || row === undefined) {
    throw wrong(['vendor'], { what: `configurations of ${device?.vendor ?? name} are not read`, right: readAre(rows) })
  }
  const files: ConfigurationFile[] = []
  for (const [at, file] of device.files.entries()) {
    const called = calledFrom(shell.cwd, resolve(loaded.folder, file))
    const text = await textOf(file, loaded.folder, called, shell, guessed)
    if ('what' in text) throw wrong(['files', at], { what: `${quoted(file)}: ${text.what}`, right: text.right })
    files.push(text)
  }
  const { interfaces, protects } = device
  return { name, row, files, interfaces, ...(protects !== undefined && { protects }) }
}

/** Below the folder where the command was called it is named from there, as a pipeline has it in its checkout. */
function calledFrom(cwd: string, path: string): string {
  const below = relative(cwd, path)
  return below.split(sep)[0] === '..' || isAbsolute(below) ? path : below
}

async function textOf(
  file: string,
  folder: string,
  called: string,
  shell: Shell,
  guessed: string[],
): Promise<ConfigurationFile | Remedy> {
  const read = await readConfiguration(file, folder, { input: shell.stdin, signal: shell.signal })
  if ('what' in read) return read
  if (read.ok.encoding === 'windows-1252') guessed.push(called)
  return { name: called, text: read.ok.text }
}

function rowNamed(vendor: string | undefined, rows: readonly VendorRow[]): VendorRow | undefined {
  if (vendor === undefined) return undefined
  const row = rows.find((one) => one.vendor === vendor)
  if (row !== undefined) return row
  if (vendors.some((known) => known === vendor)) {
    throw new UsageError(`--vendor: configurations of ${vendor} are not read, ${readAre(rows)}`)
  }
  const { what, right } = unknownWord(
    'vendor',
    vendor,
    rows.map((one) => one.vendor),
  )
  throw new UsageError(`--vendor: ${what}, ${right}`)
}

function readAre(rows: readonly VendorRow[]): string {
  return `read are: ${rows.map(({ vendor }) => vendor).join(', ')}`
}

function rowOf(file: string, text: string, rows: readonly VendorRow[]): VendorRow {
  const found = vendorOf(text, rows)
  if ('row' in found) return found.row
  if (found.alike.length > 0) {
    throw wrongFile(file, {
      what: `it could be of ${found.alike.map(({ vendor }) => vendor).join(' or ')}`,
      right: `say which: --vendor ${found.alike[0]?.vendor ?? ''}`,
    })
  }
  throw wrongFile(file, {
    what: text.includes('\0') ? 'it is no text' : 'nothing in it tells whose configuration it is',
    right: `say it with --vendor, or export it anew: postern explain VENDOR tells how; VENDOR is one of ${rows.map(({ vendor }) => vendor).join(', ')}`,
  })
}

function wrongFile(file: string, remedy: Remedy): UsageError {
  return new UsageError(...formatConfigErrors([{ file, line: 1, column: 1, ...remedy }]))
}
