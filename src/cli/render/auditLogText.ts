import type { AuditLogReport } from '../../config/auditLogSchema.ts'
import { fieldLines } from './explainLayout.ts'
import type { Page } from './page.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'

/** Whether the record is as it was written, first; what is known of it; what to do last. */
export function auditLogText(report: AuditLogReport, page: Page): string {
  const { ok, folder, files, events, signatures, signedUntil, unsigned, removed, torn, written, tooOld, problem } =
    report
  const verdict = paint(ok ? 'is as it was written' : 'is not as it was written', ok ? 'good' : 'bad', page.colour)
  const lines = [
    `${plain(folder)} ${verdict}`,
    ...fieldLines(
      [
        ['where', problem === undefined ? undefined : `${problem.file}:${problem.line} (${problem.code})`],
        ['what', problem?.what],
        [
          'events',
          `${counted(events, 'event')} in ${counted(files, 'file')} follow from each other${ok ? '' : ' up to there'}`,
        ],
        ['signed', signedWords(signatures, signedUntil, unsigned)],
        [
          'removed',
          removed === undefined
            ? undefined
            : `by age or size, on ${removed.at}: the files up to number ${removed.through}`,
        ],
        ...torn.map(({ file, line, octets, aside }): [string, string] => [
          'torn',
          `${file}:${line}: a sudden end had torn ${counted(octets, 'octet')}, which ${aside} keeps`,
        ]),
        ['written', written ? 'by a process, now' : undefined],
        ...tooOld.map((name): [string, string] => ['not compared', `${name} is older than the files that are kept`]),
        ['next', problem?.next],
      ],
      page,
    ),
  ]
  return `${lines.join('\n')}\n`
}

function signedWords(signatures: number, until: string | undefined, unsigned: number): string {
  if (until === undefined) return 'nothing: no signature was read'
  const rest = unsigned === 0 ? 'nothing is behind it' : `${counted(unsigned, 'event')} behind it`
  return `${counted(signatures, 'signature')}, the last of ${until}; ${rest}${unsigned === 0 ? '' : ' not yet'}`
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
}
