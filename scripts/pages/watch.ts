import { outletSchema } from '../../src/config/outletSchema.ts'
import { watchSchema } from '../../src/config/watchSchema.ts'
import { page, table } from './markdown.ts'
import type { Setting } from './settings.ts'
import { settingRows, settingsByKind, settingsOfSection } from './settings.ts'

/** Every setting of the watcher but those of the kinds of outlets. */
export function watchSettings(): readonly Setting[] {
  return settingsOfSection(watchSchema, 'watch')
}

/** Settings of each kind of outlet, besides `kind`. */
export const outletSettings = (): ReturnType<typeof settingsByKind> => settingsByKind(outletSchema)

const head = ['key', 'unit or type', 'range', 'usual', 'what'] as const

/** `docs/reference/watch.md`: every setting of the watcher, and of each kind of outlet. */
export function watchPage(): string {
  const kinds = outletSettings().map(
    ([kind, what, settings]) => `### ${kind}\n\n${what}\n\n${table(head, settingRows(settings))}`,
  )
  return page(
    'The watcher',
    `Settings of \`postern watch\`, under \`watch:\` of the site file. All of them may be left out: a setting with a usual value has
that, and what has none is not there.

A flow is looked at once in each interval, at a place of its own that a restart keeps; up to a tenth of the interval, and five
seconds, later by chance, so that looks keep no step with what happens every minute. Times of windows are those of the clock on
the wall: an hour that is left out when clocks are set forward is in no window, one that comes twice is in it twice.`,
    [
      `## Settings\n\n${table(head, settingRows(watchSettings()))}`,
      `## Outlets\n\nUnder \`watch.outlets.NAME\`, beside \`kind\`.\n\n${kinds.join('\n')}`,
    ].join('\n'),
  )
}
