import type { Source } from '../model/flow.ts'
import type { Sign } from './codesFor.ts'
import { signsIn } from './codesFor.ts'
import { pages } from './pages.ts'

/** A code that no row of the table has, and how codes of its family are read and looked up. */
export interface UnlistedCode {
  /** As it is usually written: `AADSTS50058`, `event 1234`, `0x80072EE2`. */
  readonly code: string
  readonly meaning: string
  readonly lookUp: string
  /** Absent where it is common knowledge and no page of Microsoft was read for it. */
  readonly source?: Source
}

/** The codes in a text by their family alone, each once, in the order of the text. */
export function unlistedCodesIn(text: string): readonly UnlistedCode[] {
  const found = signsIn(text.toLowerCase()).flatMap(({ kind, number }) => {
    const told = families[kind]?.(number)
    return told === undefined ? [] : [told]
  })
  return [...new Map(found.map((told) => [told.code, told])).values()]
}

const families: Readonly<Partial<Record<Sign['kind'], (number: string) => UnlistedCode>>> = {
  aadsts: (number) => ({
    code: `AADSTS${number}`,
    meaning:
      'what the token service of Entra ID answered in place of a token: the network led there, and the rest is decided there',
    lookUp: `https://login.microsoftonline.com/error?code=${number} tells it as it stands today (login.partner.microsoftonline.cn in China); the correlation id and time beside the code find the attempt in the sign-in log`,
    source: pages.errorReference,
  }),
  event: (number) => ({
    code: `event ${number}`,
    meaning:
      'an event of a Windows log: the number means something only together with the log and the source that wrote it',
    lookUp:
      'look the source up beside the number in the event itself; its text says what failed and often carries a code that is in the table',
  }),
  hresult: (number) => ({
    code: `0x${number.toUpperCase()}`,
    meaning: hresultMeaning(number),
    lookUp: `certutil -error 0x${number.toUpperCase()} on Windows prints the words that belong to it`,
  }),
}

/** A failure whose facility is Windows holds a Win32 error in its lower half (MS-ERREF §2.1.2). */
function hresultMeaning(number: string): string {
  const value = Number.parseInt(number, 16)
  return value >>> 16 === 0x8007
    ? `an HRESULT around the Windows error ${value & 0xffff}`
    : 'an HRESULT, or another Windows status, in 32 bits'
}
