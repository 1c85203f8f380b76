"""The documents as a page to read and to try things on. It loads nothing from elsewhere, so it works offline."""

from base64 import b64encode
from hashlib import sha256

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Counterfoil write API</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
  h2 { margin: 2rem 0 .5rem; text-transform: capitalize }
  details { border: 1px solid #ccc; border-radius: 4px; margin: .3rem 0; padding: .4rem .8rem }
  summary { cursor: pointer }
  code, pre, textarea, input { font: 13px/1.5 ui-monospace, monospace }
  input { width: 22rem; max-width: 100% } textarea { width: 100%; box-sizing: border-box }
  pre { background: #f4f4f4; padding: .6rem; overflow: auto; white-space: pre-wrap }
  .method { display: inline-block; min-width: 4.5rem; font-weight: 600 }
  .roles { color: #666; float: right }
  label { display: block; margin: .3rem 0 }
</style>
<h1>Counterfoil write API</h1>
<p id="about"></p>
<p>The document itself: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<label>Token <input id="token" placeholder="from POST /sessions or `counterfoil token`"></label>
<button id="session">Start a session as a shopper</button>
<main id="operations"></main>
<script>
const make = (tag, text, parent, more = {}) => {
  const made = Object.assign(document.createElement(tag), more)
  if (text) made.textContent = text
  parent?.append(made)
  return made
}
const token = document.getElementById('token')
document.getElementById('session').onclick = async () => {
  token.value = (await (await fetch('sessions', {method: 'POST'})).json()).token
}
const follow = (api, ref) => ref.split('/').slice(1).reduce((at, name) => at[name], api)

function show(api, path, method, operation, parent) {
  const box = make('details', '', parent)
  const head = make('summary', '', box)
  make('span', method.toUpperCase(), head, {className: 'method'})
  make('code', path, head)
  make('span', ' ' + operation.summary, head)
  const roles = (operation.security ?? []).flatMap(need => Object.values(need)[0])
  make('span', roles.join(' or ') || 'anybody', head, {className: 'roles'})
  make('p', operation.description ?? '', box)
  const inputs = (operation.parameters ?? []).map(parameter => {
    const label = make('label', parameter.name + (parameter.required ? ' * ' : ' '), box)
    return [parameter, make('input', '', label, {title: parameter.description ?? ''})]
  })
  const schema = operation.requestBody?.content['application/json'].schema
  const example = schema && follow(api, schema.$ref).examples[0]
  const body = schema && make('textarea', '', box, {rows: 8, value: JSON.stringify(example, null, 2)})
  const send = make('button', 'Send', box)
  const answer = make('pre', '', box, {hidden: true})
  send.onclick = async () => {
    let address = path
    const headers = token.value ? {Authorization: 'Bearer ' + token.value} : {}
    if (body) headers['Content-Type'] = 'application/json'
    for (const [parameter, input] of inputs) {
      if (parameter.in === 'path') {
        address = address.replace(`{${parameter.name}}`, encodeURIComponent(input.value))
      } else if (input.value) headers[parameter.name] = input.value
    }
    const response = await fetch(address.slice(1), {method: method.toUpperCase(), headers, body: body?.value})
    answer.hidden = false
    const text = await response.text()
    let shown = text
    try { shown = JSON.stringify(JSON.parse(text), null, 2) } catch {}
    answer.textContent = `${response.status} ${response.statusText}\\n${shown}`
  }
}

fetch('openapi.json').then(response => response.json()).then(api => {
  document.getElementById('about').textContent = api.info.description
  const operations = document.getElementById('operations')
  let subject
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.tags?.[0] !== subject) make('h2', subject = operation.tags?.[0], operations)
      show(api, path, method, operation, operations)
    }
  }
})
</script>
</html>
"""


def _hash(tag: str) -> str:
    """What a policy calls the one element of this kind (Content Security Policy Level 3, section 2.3.1)."""
    inside = PAGE.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return f"'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; script-src {_hash('script')}; style-src {_hash('style')}; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""The page may run its own script and ask its own server, and nothing else."""
