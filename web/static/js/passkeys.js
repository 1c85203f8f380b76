// Passkeys: a form with data-passkey gets options from data-options, asks the browser, and is sent with its answer.
// Without this script, or in a browser without passkeys, the form stays hidden and the text beside it says what to do.

const WORDS = { SecurityError: "elsewhere", InvalidStateError: "known" };

async function answerOf(form, options) {
  if (form.dataset.passkey === "create") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

async function ask(form) {
  const body = new URLSearchParams(new FormData(form));
  const told = await (await fetch(form.dataset.options, { method: "POST", body })).json();
  if (told.go) return location.assign(told.go);
  if (told.fault) throw new Error(told.fault);
  form.elements.passkey.value = JSON.stringify(await answerOf(form, told.options));
  form.submit();
}

function say(form, text) {
  const fault = form.querySelector("[data-passkey-fault]");
  fault.textContent = text;
  fault.hidden = false;
  form.querySelector("button").removeAttribute("aria-disabled");
}

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  for (const form of document.querySelectorAll("[data-passkey]")) {
    form.hidden = false;
    form.parentElement.querySelector("[data-passkey-without]").hidden = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form).catch((error) => say(form, error.name === "Error" ? error.message : form.dataset[WORDS[error.name] ?? "stopped"]));
    });
  }
}
