import type { Span } from '../../source.ts'
import type { Entry, Store } from './entry.ts'

/**
 * Reads an exception as Windows XP has it and later systems still honour it in policies: `443:TCP:*:Enabled:Web` in
 * the list of open ports, `%ProgramFiles%\a.exe:10.0.0.0/8:Enabled:A` in that of programs. It lets in what comes to
 * the port, or to the program, from the scope.
 *
 * @returns undefined where the value has another form
 */
export function entryOfLegacyValue(
  list: string,
  profile: string,
  value: string,
  span: Span,
  store: Store | undefined,
): Entry | undefined {
  const isPort = list.toLowerCase() === 'globallyopenports'
  const shape = isPort
    ? /^(\d{1,5}):(TCP|UDP):([^:]*):(Enabled|Disabled):(.*)$/i
    : /^()()(?:([A-Za-z]:|%[^%:]+%)[^:]*):([^:]*):(Enabled|Disabled):(.*)$/i
  const match = shape.exec(value.trim())
  if (match === null) return undefined
  const [scope, state, name] = isPort ? match.slice(3) : match.slice(4)
  const fields = new Map<string, readonly string[]>([
    ['action', ['Allow']],
    ['direction', ['In']],
    ['displayname', [name === undefined || name === '' ? value : name]],
    ['enabled', [state ?? '']],
    ['profile', profile.toLowerCase() === 'standard' ? ['Private', 'Public'] : [profile]],
    ['remoteaddress', (scope ?? '').split(',')],
  ])
  if (isPort) {
    fields.set('protocol', [match[2] ?? ''])
    fields.set('localport', [match[1] ?? ''])
  } else {
    fields.set('program', [value.slice(0, value.length - `:${scope}:${state}:${name}`.length)])
  }
  return { fields, span, isComplete: true, ...(store !== undefined && { store }) }
}
