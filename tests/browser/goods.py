"""What the shop of the browser tests sells."""

from concurrent.futures import ThreadPoolExecutor

from tests.e2e.shop import Client

MARKETS = "en-US:USD en-XA:USD"
"""The second one is in the pseudo-language."""

DEPARTMENTS = {
    "Grocery": ("Coffee", "Tea", "Pasta and rice", "Dairy"),
    "Produce": ("Fruit",),
    "Household": ("Cleaning",),
}
GOODS = (
    ("COFFEE-12", "Whole bean coffee, dark roast, 12 oz", "Private label", "Coffee", 899),
    ("COFFEE-24", "Ground coffee, mild, 24 oz", "National brand", "Coffee", 1349),
    ("TEA-20", "Earl Grey tea, 20 ct", "National brand", "Tea", 449),
    ("RICE-5", "Long grain rice bag, 5 lb", "Private label", "Pasta and rice", 629),
    ("PASTA-1", "Spaghetti, 16 oz", "National brand", "Pasta and rice", 189),
    ("APPLES", "Honeycrisp apples", "Orchard", "Fruit", 249),
    ("MILK-1", "Oat milk carton, 32 oz", "Private label", "Dairy", 399),
    ("SOAP-16", "Dish detergent, lemon, 16 fl oz", "National brand", "Cleaning", 329),
    ("SPONGE", "Sponges, 6 ct", "Private label", "Cleaning", 299),
    ("HOSTILE", '<b>Bold</b> & "quoted" {{ 7*7 }} </script><script>alert(1)</script>', "<i>", "Cleaning", 100),
)
FEW = {"SPONGE": 2}


def stock_the_shop(client: Client) -> None:
    """Categories, products with prices, and units on the shelf."""
    ids = dict[str, str]()
    for department, below in DEPARTMENTS.items():
        top = client.command("POST", "/categories", "back_office", name=department)["category_id"]
        for name in below:
            made = client.command("POST", "/categories", "back_office", name=name, parent_id=top)
            ids[name] = made["category_id"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda goods: _put_on_sale(client, ids[goods[3]], goods), GOODS))


def _put_on_sale(client: Client, category_id: str, goods: tuple[str, str, str, str, int]) -> None:
    sku, title, brand, _, cents = goods
    product = client.command("POST", "/products", "back_office", title=title, brand=brand)["product_id"]
    path = f"/products/{product}"
    client.command("POST", f"{path}/variants", "back_office", sku=sku)
    price = {"amount": cents, "currency": "USD"}
    client.command("POST", f"{path}/variants/{sku}/prices", "back_office", price=price)
    client.command("PUT", f"{path}/category", "back_office", category_id=category_id)
    client.command("POST", f"{path}/publish", "back_office")
    client.command("POST", f"/stock/MAIN/{sku}/receipts", "back_office", quantity=FEW.get(sku, 200))
