import { ocsfOf } from '../../store/record/ocsf.ts'
import { alertOcsf } from '../alertOcsf.ts'
import type { OutletTools, Send, Told } from '../outlet.ts'
import type { SettingsOf } from '../setting.ts'
import type { fileSettings } from './outlet.ts'

/** Adds one line for each thing: JSON, in which no line break stands as it is. */
export function appendTold(settings: SettingsOf<typeof fileSettings>, { append, version }: OutletTools): Send {
  const rotation = { mostOctets: settings['rotate-mib'] * 1_048_576, keep: settings.keep }
  return async (told) => {
    const lines = told.map((one) => JSON.stringify(lineOf(one, settings.format, version)))
    const written = await append(settings.path, lines, rotation)
    if ('why' in written) return { kind: 'later', says: written.why }
    return {
      kind: 'taken',
      says: `${lines.length} ${lines.length === 1 ? 'line' : 'lines'} written, ${written.octets} octets`,
    }
  }
}

function lineOf(told: Told, format: 'postern' | 'ocsf', version: string): unknown {
  if (format === 'ocsf') {
    return told.kind === 'alert' ? alertOcsf(told.alert, version) : ocsfOf(told.event, version)
  }
  return told.kind === 'alert' ? { kind: 'alert', ...told.alert } : told.event
}
