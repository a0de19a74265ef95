import { SyntaxKind } from 'typescript/unstable/ast'
import {
  isBindingElement,
  isCallExpression,
  isElementAccessExpression,
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNewExpression,
  isPropertyAccessExpression,
  isShorthandPropertyAssignment,
  isStringLiteral,
  isTypeNode,
} from 'typescript/unstable/ast/is'
import { createVirtualFileSystem } from 'typescript/unstable/fs'
import type { Checker } from 'typescript/unstable/sync'
import { API } from 'typescript/unstable/sync'

type Node = Parameters<typeof isTypeNode>[0]

export interface Mention {
  /** What is imported, as it is written; or the global that is used, with its members: `process.env`, `new Date()`. */
  readonly name: string
  /** From 1. */
  readonly line: number
}

/** What a source file leans on besides its own text. */
export interface ReadSource {
  /** Modules that it names in any way, types included; an `import()` whose argument is computed is named `(computed)`. */
  readonly imports: readonly (Mention & { readonly typeOnly: boolean })[]
  /** Values that nothing in the file declares or imports. */
  readonly globals: readonly Mention[]
}

/**
 * Reads what source files import and which globals they use, with the compiler's own parser and scopes: a comment, a
 * string, a type or a parameter that is called `fetch` is none.
 *
 * @param texts source texts by path below `src/`
 */
export function readSources(texts: Readonly<Record<string, string>>): ReadonlyMap<string, ReadSource> {
  const config = '/tsconfig.json'
  const options = { noLib: true, types: [], noEmit: true, allowImportingTsExtensions: true, module: 'nodenext' }
  const files = Object.entries(texts).map(([path, text]) => [`/src/${path}`, text])
  const api = new API({
    cwd: '/',
    fs: createVirtualFileSystem({
      ...Object.fromEntries(files),
      [config]: JSON.stringify({ compilerOptions: options, include: ['src'] }),
    }),
  })
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
    if (project === undefined) throw new Error('the compiler did not open the sources')
    return new Map(
      Object.entries(texts).map(([path, text]) => {
        const source = project.program.getSourceFile(`/src/${path}`)
        if (source === undefined) throw new Error(`the compiler did not read ${path}`)
        return [path, readSource(source, text, project.checker)]
      }),
    )
  } finally {
    api.close()
  }
}

function readSource(source: Node, text: string, checker: Checker): ReadSource {
  const imports: (Mention & { typeOnly: boolean })[] = []
  const globals: Mention[] = []
  const mention = (name: string, node: Node): Mention => ({ name, line: text.slice(0, node.end).split('\n').length })
  const walk = (node: Node, inType: boolean): void => {
    const specifier = moduleNamedBy(node)
    if (specifier !== undefined) imports.push({ ...mention(specifier, node), typeOnly: isTypeOnly(node) })
    if (!inType && isIdentifier(node) && isValue(node) && isGlobal(node, checker))
      globals.push(mention(useOf(node), node))
    node.forEachChild((child) => walk(child, inType || isTypeNode(child)))
  }
  walk(source, false)
  return { imports, globals }
}

/** The module that a node names: `import … from`, `export … from`, `import()` and the type `import('…')`. */
function moduleNamedBy(node: Node): string | undefined {
  if (isImportDeclaration(node)) return textOf(node.moduleSpecifier)
  if (isExportDeclaration(node)) return node.moduleSpecifier && textOf(node.moduleSpecifier)
  if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) return textOf(node.arguments[0])
  if (isImportTypeNode(node)) return isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : undefined
  return undefined
}

/** Whether nothing of an import is left when the types are stripped. */
function isTypeOnly(node: Node): boolean {
  if (isImportDeclaration(node)) return node.importClause?.phaseModifier === SyntaxKind.TypeKeyword
  return isImportTypeNode(node) || (isExportDeclaration(node) && node.isTypeOnly)
}

function textOf(node: Node | undefined): string {
  return node !== undefined && (isStringLiteral(node) || node.kind === SyntaxKind.NoSubstitutionTemplateLiteral)
    ? (node as Node & { readonly text: string }).text
    : '(computed)'
}

/** Whether an identifier stands for a value, and is not the name of a member. */
function isValue(node: Node): boolean {
  const { parent } = node
  return !(
    (isPropertyAccessExpression(parent) && parent.name === node) ||
    (isBindingElement(parent) && parent.propertyName === node)
  )
}

function isGlobal(node: Node, checker: Checker): boolean {
  if (isIdentifier(node) && node.text === 'globalThis') return true
  const { parent } = node
  const symbol = isShorthandPropertyAssignment(parent)
    ? checker.getShorthandAssignmentValueSymbol(parent)
    : checker.getSymbolAtLocation(node)
  return symbol === undefined
}

/** A global with the members that are read of it, as far as they are written out; `globalThis.x` is `x`. */
function useOf(identifier: Node & { readonly text: string }): string {
  let node: Node = identifier
  const names = [identifier.text]
  for (;;) {
    const { parent } = node
    if (isPropertyAccessExpression(parent) && parent.expression === node) names.push(parent.name.text)
    else if (
      isElementAccessExpression(parent) &&
      parent.expression === node &&
      isStringLiteral(parent.argumentExpression)
    )
      names.push(parent.argumentExpression.text)
    else break
    node = parent
  }
  if (names.length > 1 && names[0] === 'globalThis') names.shift()
  const name = names.join('.')
  const { parent } = node
  if (!isNewExpression(parent) || parent.expression !== node) return name
  return (parent.arguments?.length ?? 0) === 0 ? `new ${name}()` : `new ${name}(…)`
}
