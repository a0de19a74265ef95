import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Ways of Windows' Packet Monitor that its documentation tells of, and of those who use it besides. */
export interface PktmonWays {
  /** Who runs it has not been asked for the rights of an administrator. */
  readonly isElevated?: boolean
  /** Its commands; by default those of builds from 2021 on. */
  readonly commands?: readonly string[]
  /** Filters that it takes; by default 32. */
  readonly mostFilters?: number
  /** It speaks the language of the system. */
  readonly language?: 'it'
  /** Somebody captures already, or has set filters. */
  readonly isRunning?: boolean
  readonly filters?: readonly string[]
  /** What somebody else does while Postern begins. */
  readonly meanwhile?: 'starts' | 'adds a filter'
  /** A command that does not end. */
  readonly hangsAt?: string
  /** A command that fails, with its number. */
  readonly failsAt?: { readonly command: string; readonly code: number; readonly says: string }
  /** What its log becomes as pcapng. */
  readonly pcapng?: Uint8Array
  /** Octets of its log. */
  readonly logOctets?: number
}

/** What it was told, and how it stands. */
export interface PktmonState {
  readonly isRunning: boolean
  readonly filters: readonly string[]
  readonly asked: readonly (readonly string[])[]
}

const latestCommands = [
  ...[
    'filter',
    'list',
    'start',
    'stop',
    'status',
    'unload',
    'counters',
    'reset',
    'etl2txt',
    'etl2pcap',
    'hex2pkt',
    'help',
  ],
]

/** The program itself: each command is a process that ends, and what it leaves is kept in a file beside it. */
function pktmon(): void {
  const { readFileSync, renameSync, writeFileSync } = process.getBuiltinModule('node:fs')
  const kept = `${process.argv[1]}.json`
  interface Kept {
    isRunning: boolean
    filters: string[]
    asked: string[][]
    readonly ways: Omit<PktmonWays, 'pcapng'> & { readonly commands: readonly string[] }
    readonly pcapng: string
  }
  const state: Kept = JSON.parse(readFileSync(kept, 'utf8'))
  const { ways } = state
  const [command = '', second = '', ...rest] = process.argv.slice(2)
  state.asked.push(process.argv.slice(2))
  // Whoever reads it meanwhile finds the one or the other.
  const keep = (): void => {
    writeFileSync(`${kept}.new`, JSON.stringify(state))
    renameSync(`${kept}.new`, kept)
  }
  const end = (says: string, code = 0): undefined => {
    keep()
    process.stdout.write(`${says}\n`)
    process.exitCode = code
  }
  const say = (english: string, italian: string): string => (ways.language === 'it' ? italian : english)
  const after = (name: string): string => rest[rest.indexOf(name) + 1] ?? ''
  const run = (): undefined => {
    if (command === ways.hangsAt) {
      keep()
      setInterval(() => {}, 60_000)
      return
    }
    if (command === 'help') {
      return end(
        `pktmon <command> [OPTIONS | help]\n\nCommands\n${ways.commands.map((each) => `    ${each}   does it.`).join('\n')}`,
      )
    }
    if (!ways.commands.includes(command)) return end(say('Unknown command.', 'Comando sconosciuto.'), 1)
    if (ways.isElevated === false) return end(say('Access is denied.', 'Accesso negato.'), 5)
    if (command === ways.failsAt?.command) return end(ways.failsAt.says, ways.failsAt.code)
    switch (`${command}${command === 'filter' ? ` ${second}` : ''}`) {
      case 'status': {
        const more = '\n    Logger name: PktMon\n    Logging mode: Circular\n'
        const isNot = say('Packet Monitor is not running.', 'Monitoraggio pacchetti non è in esecuzione.')
        return end(state.isRunning ? `${say('Collected data:', 'Dati raccolti:')}${more}` : `\n${isNot}\n`)
      }
      case 'filter list': {
        const table = state.filters.map((name, at) => ` ${at + 1} ${name.padEnd(14)} IPv4      TCP`).join('\n')
        const head = ' # Name           EtherType Protocol\n - ----           --------- --------\n'
        const none = say('    None', '    Nessuno')
        return end(
          `${say('Packet Filters:', 'Filtri pacchetti:')}\n${state.filters.length === 0 ? none : head + table}`,
        )
      }
      case 'filter add':
        if (state.filters.length >= (ways.mostFilters ?? 32)) return end(say('Too many filters.', 'Troppi filtri.'), 1)
        state.filters.push(rest[0] ?? '')
        return end(say('Filter added.', 'Filtro aggiunto.'))
      case 'filter remove':
        state.filters = []
        return end(say('Removed all filters.', 'Rimossi tutti i filtri.'))
      case 'start':
        if (ways.meanwhile === 'starts') state.isRunning = true
        if (ways.meanwhile === 'adds a filter') state.filters.push('Theirs')
        if (state.isRunning) {
          return end(say('Packet Monitor is already started.', 'Monitoraggio pacchetti già avviato.'), 1)
        }
        state.isRunning = true
        writeFileSync(after('--file-name'), Buffer.alloc(ways.logOctets ?? 8192))
        return end(say('Active measurement started.', 'Misurazione avviata.'))
      case 'stop':
        state.isRunning = false
        return end(say('Stopped.', 'Arrestato.'))
      case 'etl2pcap':
      case 'pcapng':
        readFileSync(second)
        writeFileSync(after('--out'), Buffer.from(state.pcapng, 'hex'))
        return end('Packets total:       8\nPacket drop count:   0\nPackets formatted:   8')
      default:
        return end(say('Unknown command.', 'Comando sconosciuto.'), 1)
    }
  }
  run()
}

/** Puts a stand-in for pktmon into a folder: a script that Node runs, and the file in which it keeps how it stands. */
export function putPktmon(
  folder: string,
  ways: PktmonWays = {},
): { readonly place: string; readonly state: () => PktmonState } {
  const place = join(folder, 'pktmon')
  const { pcapng = new Uint8Array(), ...others } = ways
  const state = {
    isRunning: ways.isRunning ?? false,
    filters: ways.filters ?? [],
    asked: [],
    ways: { commands: latestCommands, ...others },
    pcapng: Buffer.from(pcapng).toString('hex'),
  }
  writeFileSync(`${place}.json`, JSON.stringify(state))
  writeFileSync(place, `#!${process.execPath}\n(${String(pktmon)})()\n`, { mode: 0o755 })
  return { place, state: () => JSON.parse(readFileSync(`${place}.json`, 'utf8')) }
}
