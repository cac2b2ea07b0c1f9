/** What `GET /` tells of the API; a test holds it against the routes that there are. */
export const about: Readonly<Record<string, string>> = {
  'GET /': 'This list.',
  'GET /healthz': '200 as long as the gateway runs. Needs no credentials.',
  'GET /metrics': 'Prometheus metrics; without credentials on the metrics port.',
  'GET /store/templates.json': 'A store of templates, if the operator gave one. Needs no credentials.',
  'GET /store/functions.json': 'A store of functions, likewise.',
  'ANY /function/:name': 'Calls a function; the path and the query behind its name are its own. Needs no credentials.',
  'POST /async-function/:name':
    'Puts a call into the queue; 202 with X-Call-Id when it is on disk. X-Delay: 30s, X-Run-At: RFC 3339, X-Priority: 0–9 (higher first), Idempotency-Key, X-Callback-Url. Needs no credentials.',
  'GET /async-function/:id':
    'State and answer of a queued call; ?wait=30s waits for its end. Needs no credentials but the id.',
  'DELETE /async-function/:id': 'Cancels a queued call.',
  'GET /system/async': 'How many calls of each function are in which state.',
  'GET /system/async/calls': 'Calls, the newest first (?function=, state=, since=, until=, limit=).',
  'GET /system/async/calls/:id': 'One call with its request and its answer.',
  'POST /system/async/:action{retry|cancel|purge}':
    '{id, function, state, since, until} says which calls, {all: true} all; retry takes {to}, too.',
  'GET /system/functions': 'Functions of a namespace (?namespace=).',
  'POST /system/functions':
    'Deploys {service, image, …}. Answers when the revision is ready; with Accept: application/x-ndjson it tells its progress.',
  'PUT /system/functions': 'The same for a function that exists.',
  'DELETE /system/functions': 'Removes {functionName}.',
  'GET /system/function/:name': 'One function; ?usage=1 tells what its replicas use, too.',
  'POST /system/scale-function/:name': 'Brings it to {replicas} until it is idle.',
  'POST /system/alert': 'Scales functions by the alerts that Alertmanager posts.',
  'GET /system/revisions/:name': 'Its revisions and how much of the traffic each gets.',
  'POST /system/rollback/:name': 'Gives the traffic to the revision before, or to {to}.',
  'GET /system/traffic/:name': 'How the traffic is split, and how copies of it went.',
  'PUT /system/traffic/:name':
    'Splits the traffic by {weights: {revision: percent}}; {mirror: {revision, percent}} copies a part of it.',
  'GET /system/logs': 'Log lines as JSON (?name=, tail=, since=, follow=, instance=).',
  'POST /system/builds':
    'Builds the folder whose tar is the body; the header X-Skep-Build has {name, platform, arguments, labels, cache, pull} as JSON. JSON lines tell the progress, the last one the image.',
  'GET /system/nodes': 'The machines of a Swarm, and how many replicas run on each.',
  'GET /system/tokens': 'Names of the tokens that programs send as Authorization: Bearer.',
  'POST /system/tokens': 'Makes one for {name, access: full or read, expiresIn: 720h}, and tells it this once.',
  'DELETE /system/tokens': 'Takes {name} back.',
  'GET /system/registry-logins':
    'Registries that the gateway has a login for; PUT {registry, username, password}, DELETE {registry}.',
  'ANY /v2/…': 'The registry of the stack, as docker push speaks to it.',
  'GET /system/info': 'Version, provider and architecture.',
  'GET /system/secrets': 'Names of secrets (?namespace=). Values never come out.',
  'POST /system/secrets': 'Makes a secret of {name, namespace, value}, or rawValue in base64.',
  'PUT /system/secrets': 'Gives it another value.',
  'DELETE /system/secrets': 'Removes {name, namespace} unless a function uses it.',
  'GET /system/namespaces': 'Namespaces, the default one first.',
  'POST /system/namespace/': 'Makes a namespace of {name, labels, annotations}; so does /system/namespace/:name.',
  'POST /system/namespace/:name': 'The same.',
  'GET /system/namespace/:name': 'One namespace with its labels and annotations.',
  'PUT /system/namespace/:name': 'Changes its {labels, annotations}.',
  'DELETE /system/namespace/:name': 'Removes it if it is empty.',
}
