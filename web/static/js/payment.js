// The card form of Stripe. What is typed goes from Stripe's frame to Stripe; the shop gets a token that pays once.

const form = document.querySelector("form[data-stripe]");
const token = form?.querySelector("input[name=payment_method]");
const place = document.getElementById("card");
const fault = document.getElementById("card-fault");

function say(text) {
  fault.textContent = text;
  fault.hidden = !text;
}

function free() {
  for (const button of form.querySelectorAll("button[aria-disabled=true]")) button.removeAttribute("aria-disabled");
}

function look() {
  const style = getComputedStyle(document.documentElement);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return { theme: dark ? "night" : "stripe", variables: { fontFamily: style.fontFamily, fontSizeBase: "16px" } };
}

// In Stripe's minor units, which are not always those of the shop.
function amount() {
  const chosen = form.querySelector("[name=delivery_method]:checked")?.value;
  const total = chosen ? form.querySelector(`[name="total.${chosen}"]`)?.value : form.dataset.total;
  return Math.round(Number(total) * Number(form.dataset.scale));
}

function begin() {
  const stripe = Stripe(form.dataset.stripe);
  const elements = stripe.elements({
    mode: "payment",
    amount: amount(),
    currency: form.dataset.currency,
    captureMethod: "manual",
    paymentMethodTypes: ["card"],
    appearance: look(),
  });
  const card = elements.create("payment");
  card.on("loaderror", () => say(fault.dataset.unloaded));
  card.mount(place);
  form.addEventListener("change", () => elements.update({ amount: amount() }));

  form.addEventListener("submit", async (event) => {
    if (token.value) return;
    event.preventDefault();
    say("");
    try {
      const checked = await elements.submit();
      const made = checked.error ? checked : await stripe.createConfirmationToken({ elements });
      if (made.error) {
        say(made.error.message);
        free();
        return;
      }
      token.value = made.confirmationToken.id;
      form.submit();
    } catch {
      say(fault.dataset.away);
      free();
    }
  });

  // A token pays once: who comes back with the browser's button gets another one.
  window.addEventListener("pageshow", () => { token.value = ""; });
}

if (form && window.Stripe) begin();
else if (form) say(fault.dataset.blocked);
