import { dirname, posix } from 'node:path'
import type { Ban } from './floors.ts'
import { bans, floorOf } from './floors.ts'
import { readSources } from './readSources.ts'

/** The room of a path below `src/`; undefined for a package and for a file outside of any room. */
export const roomOf = (path: string): string | undefined => /^([\w-]+)\/.+\.ts$/.exec(path)?.[1]

/**
 * What source files do against the floors and the bans: one line each, with place and reason.
 *
 * @param texts source texts by path below `src/`
 */
export function brokenBans(texts: Readonly<Record<string, string>>): readonly string[] {
  return [...readSources(texts)].flatMap(([file, { imports, globals }]) => {
    const own = bans.filter(({ files }) => files.test(file))
    const at = ({ line }: { readonly line: number }): string => `src/${file}:${line}`
    return [
      ...imports.flatMap((mention) => {
        const name = mention.name.startsWith('.') ? posix.join(dirname(file), mention.name) : mention.name
        return [upward(file, name), ...own.map((ban) => bannedImport(ban, name, mention.typeOnly))]
          .filter((what) => what !== undefined)
          .map((what) => `${at(mention)} ${what}`)
      }),
      ...globals.flatMap((mention) =>
        own.flatMap((ban) =>
          'mayNotUse' in ban && ban.mayNotUse.test(mention.name)
            ? [`${at(mention)} uses ${mention.name}: ${ban.why}`]
            : [],
        ),
      ),
    ]
  })
}

function bannedImport(ban: Ban, name: string, typeOnly: boolean): string | undefined {
  if (!('mayNotImport' in ban) || !ban.mayNotImport.test(name)) return undefined
  return ban.typesMay && typeOnly ? undefined : `imports ${name}: ${ban.why}`
}

function upward(file: string, imported: string): string | undefined {
  const [room, other] = [roomOf(file) ?? '', roomOf(imported) ?? '']
  const [floor, above] = [floorOf[room], floorOf[other]]
  if (room === other || floor === undefined || above === undefined || above < floor) return undefined
  return `on floor ${floor} imports ${imported} of floor ${above}: a room imports only lower floors and its own files`
}
