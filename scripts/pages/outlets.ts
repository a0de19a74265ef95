import { outlets } from '../../src/outlets/index.ts'
import type { OutletRow } from '../../src/outlets/outlet.ts'
import type { Setting } from '../../src/outlets/setting.ts'
import { page, table } from './markdown.ts'

/** One row of a table of settings: key, unit or type, range, usual value, what it is with an example. */
export function settingCells(key: string, setting: Setting): readonly string[] {
  const { what } = setting
  switch (setting.kind) {
    case 'count': {
      const { unit, least, most, usual } = setting
      const isPlain = unit === 'port' || unit === 'number'
      const told = (count: number): string => (isPlain ? String(count) : count.toLocaleString('en'))
      return [`\`${key}\``, unit, `${told(least)} to ${told(most)}`, `\`${told(usual)}\``, what]
    }
    case 'choice':
      return [`\`${key}\``, 'word', setting.words.join(', '), `\`${setting.usual}\``, what]
    case 'flag':
      return [`\`${key}\``, 'true or false', '', `\`${setting.usual}\``, what]
    case 'text':
      return [
        ...[`\`${key}\``, 'text', '', setting.usual === undefined ? '' : `\`${setting.usual}\``],
        exampled(what, setting.example),
      ]
    case 'texts':
      return [`\`${key}\``, 'list', '', '', exampled(what, setting.example)]
    case 'secret':
      return [`\`${key}\``, 'reference', '', '', exampled(what, setting.example)]
    case 'secrets':
      return [`\`${key}\``, 'references by name', '', '', exampled(what, setting.example)]
    default:
      return setting satisfies never
  }
}

function exampled(what: string, example: unknown): string {
  return `${what} Example: \`${JSON.stringify(example)}\``
}

function sectionOf([kind, { what, takes, atOnce, settings }]: readonly [string, OutletRow]): string {
  const rows = Object.entries(settings).map(([key, setting]) => settingCells(key, setting))
  const lot = takes.includes('events') ? ` Events go in lots of up to ${atOnce.toLocaleString('en')}.` : ''
  return `## ${kind}

${what} Takes ${takes.join(' and ')}.${lot}

${table(['key', 'unit or type', 'range', 'usual', 'what'], rows)}`
}

/** `docs/reference/outlets.md`: where alerts and events go, with every setting of each kind. */
export function outletsPage(): string {
  return page(
    'Outlets',
    `Where \`postern watch\` tells what happened, under \`watch.outlets.NAME\` of the site file. Each has a \`kind\`, what it \`takes\`
(\`alerts\`, which is usual, \`events\` or both), and the \`least\` severity that it is told; the other settings are those of its kind.
A reference is \`env:NAME\` or \`file:PATH\`: secrets are never written in the file, and are read each time that they are needed.

What is to be told waits on the disk until it is taken: in its order, over any outage, with tries from every 2 seconds to every
5 minutes, or when the other side says that it may come again (\`Retry-After\`, up to an hour). An alert that is sent again has the
same id. What the other side refuses for good (400 to 499 but 408, 425 and 429; SMTP 5yz) is set aside with its reason, said once,
and keeps nothing else waiting. No redirect is followed. \`postern watch --test-outlet NAME\` sends one alert that says that it is a
test, and tells what was answered.

What other machines and people wrote is told as one line of bounded length, without marks that act on the text around it.`,
    Object.entries(outlets).map(sectionOf).join('\n'),
  )
}
