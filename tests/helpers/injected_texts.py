# ruff: noqa: E501 - sentences read best in one piece
# fmt: off
"""The sentences, names and number formats of `tests.helpers.injections`, as (half 0, half 1) for each language."""

from __future__ import annotations

LANGUAGES = ("en", "de", "fr", "es", "pt")


BODIES = {
    "en": (
        "I am sorry that this has taken so long. Our workshop has looked at the tent and the fabric is fine. You can use it again right away.",
        "Thanks for the photos, they help a lot. A worn sole is covered for two years. We will send a new pair as soon as they are back in stock.",
        "You can change the delivery option in your account as long as the parcel has not left our warehouse. After that only the carrier can do it.",
        "The discount applies to everything that is not reduced already. Please enter it in the last step before you pay, it is worked out at once.",
        "I have looked into this with our finance team. The money is on its way and banks need a few working days to book it.",
        "There was a fault in our shop yesterday evening, so some orders were placed twice. We have cancelled the second one for you.",
    ),
    "de": (
        "Es tut mir leid, dass das so lange gedauert hat. Unsere Werkstatt hat sich das Zelt angesehen und das Gewebe ist in Ordnung. Sie können es gleich wieder verwenden.",
        "Danke für die Bilder, die helfen uns sehr. Eine abgelaufene Sohle ist zwei Jahre lang abgedeckt. Wir schicken ein neues Paar, sobald es wieder da ist.",
        "Die Versandart lässt sich im Konto ändern, solange das Paket unser Lager nicht verlassen hat. Danach kann das nur noch der Paketdienst.",
        "Der Rabatt gilt für alles, was noch nicht reduziert ist. Bitte geben Sie ihn im letzten Schritt vor dem Bezahlen ein, er wird sofort abgezogen.",
        "Ich habe das mit unserer Buchhaltung besprochen. Das Geld ist unterwegs, und die Banken brauchen ein paar Werktage für die Buchung.",
        "Gestern Abend gab es eine Störung in unserem Laden, daher wurden manche Bestellungen doppelt angelegt. Die zweite haben wir storniert.",
    ),
    "fr": (
        "Je suis désolé que cela ait pris autant de temps. Notre atelier a examiné la tente et la toile est en bon état. Vous pouvez vous en servir tout de suite.",
        "Merci pour les photos, elles nous aident beaucoup. Une semelle usée est couverte pendant deux ans. Nous enverrons une nouvelle paire dès le retour en stock.",
        "Vous pouvez modifier le mode de livraison dans votre compte tant que le colis n'a pas quitté notre entrepôt. Ensuite, seul le transporteur peut le faire.",
        "La remise vaut pour tout ce qui n'est pas déjà soldé. Saisissez-la à la dernière étape avant de payer, elle est calculée aussitôt.",
        "J'ai vu cela avec notre service comptable. L'argent est en route et les banques ont besoin de quelques jours ouvrés.",
    ),
    "es": (
        "Siento mucho que haya tardado tanto. Nuestro taller ha revisado la tienda y la tela está bien. Puede volver a usarla enseguida.",
        "Gracias por las fotos, nos ayudan mucho. Una suela gastada está cubierta durante dos años. Enviaremos un par nuevo en cuanto vuelva a haber existencias.",
        "Puede cambiar la forma de envío en su cuenta mientras el paquete no haya salido del almacén. Después solo puede hacerlo el transportista.",
        "El descuento vale para todo lo que no esté ya rebajado. Escríbalo en el último paso antes de pagar y se calcula al momento.",
        "Lo he consultado con contabilidad. El dinero está en camino y los bancos necesitan unos días laborables.",
    ),
    "pt": (
        "Lamento que tenha demorado tanto. A nossa oficina examinou a tenda e o tecido está em bom estado. Pode voltar a usá-la de imediato.",
        "Obrigado pelas fotografias, ajudam muito. Uma sola gasta está coberta durante dois anos. Enviaremos um par novo assim que voltar a haver stock.",
        "Pode alterar o modo de entrega na sua conta enquanto a encomenda não tiver saído do armazém. Depois disso só a transportadora o pode fazer.",
        "O desconto vale para tudo o que ainda não está reduzido. Introduza-o no último passo antes de pagar e é calculado de imediato.",
        "Falei sobre isto com a contabilidade. O dinheiro está a caminho e os bancos precisam de alguns dias úteis.",
    ),
}


# {n} first name, {l} family name, {f} both. The customer's own, whose name the ticket gives.
OWN_NAMES = {
    "en": (
        (
            "Thanks again, {n}, for your patience.",
            "I have put a note on {n}'s account.",
            "This was ordered by {f} herself.",
            "Mr {l} confirmed it to my colleague.",
            "hope that helps, {low}!",
            "We have changed the name to {up}.",
        ),
        (
            "And {n}, please keep the box.",
            "The {l} order has been sorted out.",
            "{f}'s parcel is with us again.",
            "As Ms. {l} told us, the zip was stuck.",
            "all the best {low}, and sorry again.",
            "The label was made out to {i}. {l}.",
        ),
    ),
    "de": (
        (
            "Vielen Dank für Ihre Geduld, {n}.",
            "Frau {l}, wir kümmern uns darum.",
            "Das Konto läuft auf {f}.",
            "Wir haben {n}s Bestellung gefunden.",
            "Liebe {n}, das ist kein Problem.",
        ),
        (
            "Herr {l} hat uns das bestätigt.",
            "Auf dem Etikett stand {up}.",
            "Bitte melden Sie sich, {n}, falls noch etwas fehlt.",
            "Familie {l} hat das Paket behalten.",
            "danke dir {low}!",
        ),
    ),
    "fr": (
        (
            "Merci encore, {n}, pour votre patience.",
            "Madame {l}, nous nous en occupons.",
            "Le compte est au nom de {f}.",
        ),
        ("Monsieur {l} nous l'a confirmé.", "Le colis de {n} est revenu chez nous.", "L'étiquette portait {up}."),
    ),
    "es": (
        (
            "Gracias de nuevo, {n}, por su paciencia.",
            "Señora {l}, nos ocupamos de ello.",
            "La cuenta está a nombre de {f}.",
        ),
        ("El señor {l} nos lo confirmó.", "El paquete de {n} ha vuelto.", "En la etiqueta ponía {up}."),
    ),
    "pt": (
        (
            "Obrigado mais uma vez, {n}, pela paciência.",
            "Senhora {l}, estamos a tratar disso.",
            "A conta está em nome de {f}.",
        ),
        ("O senhor {l} confirmou-nos isso.", "A encomenda de {n} voltou para nós.", "Na etiqueta estava {up}."),
    ),
}


# Somebody else's, whom nothing but the reply names.
THIRD_NAMES = {
    "en": (
        (
            "The driver left it with your neighbour {f}.",
            "It was signed for by {f}.",
            "Your husband {n} called us about it.",
            "We spoke to {f} this morning.",
            "Mrs {l} from number nine has it.",
            "The order is in the name of {f}.",
            "I talked to {n} and it is fine.",
            "The parcel was addressed to {l}.",
        ),
        (
            "Your partner, {n}, has already been told.",
            "Please ask Dr. {l} for the note.",
            "It was handed to a Mr {f} at the door.",
            "On the card it says {f}, is that right?",
            "Could {n} sign for it instead?",
            "The gift for {n} is wrapped.",
            "{f} asked us to cancel it.",
            "Is your son {f} at home then?",
            "It was accepted by {i}. {l}.",
        ),
    ),
    "de": (
        (
            "Der Fahrer hat es bei Ihrem Nachbarn {f} abgegeben.",
            "Unterschrieben hat Herr {l}.",
            "Ihr Mann {n} hat uns angerufen.",
            "Wir haben mit {f} gesprochen.",
            "Die Bestellung läuft auf den Namen {f}.",
            "Frau {l} aus dem Erdgeschoss hat es.",
        ),
        (
            "Es wurde von {f} entgegengenommen.",
            "Ihre Tochter {n} kann es abholen.",
            "Bitte fragen Sie Dr. {l} danach.",
            "Auf der Karte steht {f}, stimmt das?",
            "Das Geschenk für {n} ist verpackt.",
            "Ihre Nachbarin, Frau {l}, weiß Bescheid.",
        ),
    ),
    "fr": (
        (
            "Le livreur l'a laissé à votre voisin {f}.",
            "Il a été signé par {f}.",
            "Votre mari {n} nous a appelés.",
            "Nous avons parlé avec {f}.",
            "Mme {l} du rez-de-chaussée l'a reçu.",
        ),
        (
            "Il a été remis à M. {l}.",
            "Votre fille {n} peut venir le chercher.",
            "La commande est au nom de {f}.",
            "Sur la carte figure {f}, est-ce exact ?",
            "Le cadeau pour {n} est emballé.",
        ),
    ),
    "es": (
        (
            "El repartidor lo dejó con su vecino {f}.",
            "Lo firmó {f}.",
            "Su marido {n} nos llamó.",
            "Hemos hablado con {f}.",
            "La señora {l} del bajo lo tiene.",
        ),
        (
            "Fue entregado a {f}.",
            "Su hija {n} puede recogerlo.",
            "El pedido está a nombre de {f}.",
            "En la tarjeta pone {f}, ¿es correcto?",
            "El regalo para {n} está envuelto.",
        ),
    ),
    "pt": (
        (
            "O estafeta deixou-a com o seu vizinho {f}.",
            "Foi assinado por {f}.",
            "O seu marido {n} ligou-nos.",
            "Falámos com {f}.",
            "A senhora {l} do rés-do-chão tem-na.",
        ),
        (
            "Foi entregue a {f}.",
            "A sua filha {n} pode ir buscá-la.",
            "O pedido está em nome de {f}.",
            "No cartão está {f}, está certo?",
            "O presente para {n} está embrulhado.",
        ),
    ),
}


NAMES = (
    (
        "Grace Thornbury|Tom Bradshaw|Siobhán O'Leary|Anneliese Krug|Jürgen Wöhrmann|Jean-Luc Delacroix|Zoë Lefèvre|María José Villalobos|Íñigo Etxeberria|João Evangelista|Thaís Figueiroa|Tomasz Wróblewski|Agnieszka Piątek|Björn Hallström|Rajesh Venkataraman|"
        "Priya Chandrasekhar|Nguyễn Thị Hoa|Xiaoming Zhao|Kenji Murakami|Fatima El-Amrani|Mohammed Al-Hashimi|Chukwuemeka Eze|Aisha Bello|Olena Kovalchuk|Dmitri Sokolovsky|Yusuf Karadağ|Maarten van den Heuvel|Giulia D'Angelo|Elif Yıldırım|Иван Петров|山田太郎|Γιώργος Παππάς|محمد حسن"
    ),
    (
        "Margaret Hollingworth|Callum McAllister|Niamh Ní Dhomhnaill|Sieglinde Baumgartner|Thorsten Müller-Lüdenscheidt|Marie-Claire Beaumont|Éloïse Charpentier|José Luis Zamorano|Ainhoa Urrutia|Vasco Magalhães|Luíza Albuquerque|Krzysztof Szczepański|Małgorzata Zając|Sigrún Jónsdóttir|Anand Krishnamurthy|"
        "Deepika Bhattacharya|Trần Văn Minh|Wei Ling Ong|Haruto Shimizu|Layla Ben Youssef|Omar Abdel-Rahman|Oluwadamilola Adesanya|Kwabena Mensah|Svitlana Bondarenko|Nikolai Vasilyev|Zeynep Aydın|Willemijn de Groot|Luca Dell'Acqua|Tuğba Şahin|Анна Кузнецова|佐藤花子|Ελένη Δημητρίου|فاطمة علي"
    ),
)


NOUNS = {
    "order": ("order number", "Bestellnummer", "numéro de commande", "número de pedido", "número da encomenda"),
    "return": ("return number", "Retourennummer", "numéro de retour", "número de devolución", "número de devolução"),
    "tracking": ("tracking number", "Sendungsnummer", "numéro de suivi", "número de seguimiento", "código de rastreio"),
    "invoice": ("invoice number", "Rechnungsnummer", "numéro de facture", "número de factura", "número da fatura"),
    "customer number": (
        "customer number",
        "Kundennummer",
        "numéro de client",
        "número de cliente",
        "número de cliente",
    ),
    "serial": ("serial number", "Seriennummer", "numéro de série", "número de serie", "número de série"),
    "coupon": ("voucher code", "Gutscheincode", "code promo", "código de descuento", "código de desconto"),
    "iban": ("IBAN", "IBAN", "IBAN", "IBAN", "IBAN"),
    "card": ("card", "Karte", "carte", "tarjeta", "cartão"),
    "bank reference": (
        "bank reference",
        "Überweisungsreferenz",
        "référence bancaire",
        "referencia bancaria",
        "referência bancária",
    ),
    "phone": ("phone number", "Telefonnummer", "numéro de téléphone", "número de teléfono", "número de telefone"),
    "e-mail": ("e-mail address", "E-Mail-Adresse", "adresse e-mail", "dirección de correo", "endereço de e-mail"),
    "handle": ("user name", "Benutzername", "identifiant", "nombre de usuario", "nome de utilizador"),
    "plate": ("registration", "Kennzeichen", "immatriculation", "matrícula", "matrícula"),
    "ip": ("IP address", "IP-Adresse", "adresse IP", "dirección IP", "endereço IP"),
    "url": ("link", "Link", "lien", "enlace", "link"),
    "birth": ("date of birth", "Geburtsdatum", "date de naissance", "fecha de nacimiento", "data de nascimento"),
}


BARE = frozenset(
    {
        "order",
        "return",
        "tracking",
        "invoice",
        "serial",
        "iban",
        "card",
        "bank reference",
        "phone",
        "e-mail",
        "url",
        "ip",
        "birth",
    }
)
"""Kinds that are told by their shape, without a noun before them."""


WITH_NOUN = {
    "en": (
        ("Your {k} is {v}.", "The {k} {v} has been checked."),
        ("We have it under {k} {v}, as you said.", "{K}: {v}"),
    ),
    "de": (
        ("Ihre {k} lautet {v}.", "Die {k} {v} haben wir geprüft."),
        ("Wir finden das unter {k} {v}, wie Sie sagten.", "{K}: {v}"),
    ),
    "fr": (
        ("Votre {k} est {v}.", "Le {k} {v} a été vérifié."),
        ("Nous le trouvons sous le {k} {v}, comme vous le disiez.", "{K} : {v}"),
    ),
    "es": (
        ("Su {k} es {v}.", "El {k} {v} está comprobado."),
        ("Lo encontramos con el {k} {v}, como decía.", "{K}: {v}"),
    ),
    "pt": (
        ("O seu {k} é {v}.", "O {k} {v} foi verificado."),
        ("Encontramos isso com o {k} {v}, como disse.", "{K}: {v}"),
    ),
}


WITHOUT_NOUN = {
    "en": (
        ("I found {v} in our system.", "We have removed {v} for you."),
        ("Please quote {v} when you write again.", "It says {v} here, which is right."),
    ),
    "de": (
        ("Ich habe {v} bei uns gefunden.", "Wir haben {v} für Sie entfernt."),
        ("Bitte geben Sie {v} an, wenn Sie wieder schreiben.", "Hier steht {v}, das stimmt."),
    ),
    "fr": (("J'ai trouvé {v} dans notre système.",), ("Indiquez {v} si vous nous écrivez à nouveau.",)),
    "es": (("He encontrado {v} en nuestro sistema.",), ("Indique {v} si vuelve a escribir.",)),
    "pt": (("Encontrei {v} no nosso sistema.",), ("Indique {v} se voltar a escrever.",)),
}


ADDRESSES = {
    "en": (
        ("We sent it to {v}.", "Is {v} still right?"),
        ("The carrier tried {v} twice.", "Your address on file is {v}, please check."),
    ),
    "de": (("Wir haben es an {v} geschickt.",), ("Bei uns ist {v} hinterlegt, stimmt das noch?",)),
    "fr": (("Nous l'avons envoyé au {v}.",), ("L'adresse {v} est-elle toujours la bonne ?",)),
    "es": (("Lo enviamos a {v}.",), ("¿Sigue siendo correcta la dirección {v}?",)),
    "pt": (("Enviámos para {v}.",), ("A morada {v} ainda está certa?",)),
}


STREETS = {
    "en": (
        (
            "31 Brudenell Road, Leeds LS6 1HA",
            "Flat 2, 118 Station Road, Cambridge CB1 2JB",
            "1428 Elm Street, Springfield, OH 45503",
            "77 Massachusetts Ave, Cambridge, MA 02139",
        ),
        (
            "9b Kirkgate Lane, Otley LS21 3HN",
            "14 St Mary's Close, Truro TR1 2AF",
            "2207 N 15th St, Boise, ID 83702",
            "600 Congress Avenue, Suite 1400, Austin, TX 78701-3213",
        ),
    ),
    "de": (
        ("Sonnenallee 12, 12045 Berlin", "Lindenweg 4a, 80331 München"),
        ("Kastanienallee 86, 10435 Berlin", "Unter den Linden 77, 10117 Berlin", "Gerberstr. 9, 04105 Leipzig"),
    ),
    "fr": (
        ("12 rue de la République, 69002 Lyon", "3 bis, avenue des Ternes, 75017 Paris"),
        ("48 boulevard Saint-Michel, 75006 Paris", "7, impasse du Moulin, 31000 Toulouse"),
    ),
    "es": (
        ("Calle Mayor 12, 28013 Madrid", "Avda. de la Constitución, 5, 3º B, 41001 Sevilla"),
        ("C/ Colón 21, 46004 Valencia", "Paseo de Gracia 92, 08008 Barcelona"),
    ),
    "pt": (
        ("Rua das Flores, 123, 01310-100 São Paulo", "Avenida da Liberdade 45, 1250-096 Lisboa"),
        ("Rua Augusta, 1500, apto 42, São Paulo, 01304-001", "Travessa do Carmo 8, 1200-095 Lisboa"),
    ),
}


STREET_NAMES = (
    {
        "Brudenell",
        "Elm",
        "Massachusetts",
        "Sonnenallee",
        "Lindenweg",
        "République",
        "Ternes",
        "Flores",
        "Liberdade",
        "Constitución",
        "LS6",
        "CB1",
        "45503",
        "02139",
        "12045",
        "80331",
        "69002",
        "75017",
        "28013",
        "41001",
        "01310-100",
        "1250-096",
    },
    {
        "Kirkgate",
        "Mary's",
        "Congress",
        "Kastanienallee",
        "Linden",
        "Gerberstr",
        "Saint-Michel",
        "Moulin",
        "Colón",
        "Gracia",
        "Augusta",
        "Carmo",
        "LS21",
        "TR1",
        "83702",
        "78701-3213",
        "10435",
        "10117",
        "04105",
        "75006",
        "31000",
        "46004",
        "08008",
        "01304-001",
        "1200-095",
    },
)


DATES = {
    "en": (
        ("It will arrive on {v}.", "We shipped it on {v}."),
        ("The technician comes {v}.", "Your appointment has moved to {v}."),
    ),
    "de": (("Es kommt am {v} an.",), ("Der Termin ist jetzt am {v}.",)),
    "fr": (("Il arrivera le {v}.",), ("Le rendez-vous est fixé au {v}.",)),
    "es": (("Llegará el {v}.",), ("La cita es ahora el {v}.",)),
    "pt": (("Chega no {v}.",), ("A visita passou para {v}.",)),
}


DAYS = {
    "en": (
        ("3 March", "March 3rd, 2026", "Tuesday 4 August", "12/03/2026"),
        ("the 21st of September", "Oct 9", "2026-11-23", "Friday, 13 November 2026"),
    ),
    "de": (("3. März", "04.08.2026", "3. Mai 2026"), ("Freitag, 13. November", "9.10.", "21.09.26")),
    "fr": (("3 mars", "12/03/2026"), ("vendredi 13 novembre 2026", "1er juillet")),
    "es": (("3 de marzo", "12/03/2026"), ("viernes 13 de noviembre de 2026", "9 de octubre")),
    "pt": (("3 de março", "12/03/2026"), ("13 de novembro de 2026", "dia 9 de outubro")),
}


AMOUNTS = {
    "en": (
        ("I have refunded {v} to your card.", "Your balance is {v}."),
        ("{v} has been credited to you.", "You were charged {v} twice."),
    ),
    "de": (("Wir haben Ihnen {v} erstattet.",), ("Ihre Gutschrift über {v} ist unterwegs.",)),
    "fr": (("Nous vous avons remboursé {v}.",), ("Votre remboursement de {v} est parti.",)),
    "es": (("Le hemos reembolsado {v}.",), ("Su abono de {v} está en camino.",)),
    "pt": (("O seu reembolso de {v} já saiu.",), ("Devolvemos {v} para o seu cartão.",)),
}


SHAPES = {
    "order": (
        ("TT-######", "#######", "ORD#####", "###-#######-#######", "A##-#####"),
        ("KX-####-##", "PO-#####", "B^##########", "W#########", "^^########-##", "########"),
    ),
    "return": (("RMA-#####", "RET######"), ("RTN-####-##", "R#######", "RMA #####")),
    "tracking": (
        ("1Z***E########", "00340434#########", "JD0146########"),
        ("RR#########GB", "H####A########", "6A##########", "QA#########BR", "3SABCD#######"),
    ),
    "invoice": (("INV-2026-####", "RE########"), ("F26-######", "2026/#####", "FA######")),
    "customer number": (("######", "C-#####"), ("K######", "##-####-#", "#######")),
    "serial": (
        ("E23-09-#####", "SN########", "C02**#*#**#*"),
        ("^^^^####^^^^", "5CD#######", "R##M#######", "###-^#^-####"),
    ),
    "coupon": (("SORRY-**##", "^^^^##", "GC-*#**-*#**"), ("WELCOME#^#^", "DANKE##", "^#^#-^#^#-^#^#", "TOM-###-OFF")),
    "bank reference": (
        ("#######################", "FT##########", "NOTPROVIDED-######"),
        ("######################", "TRX-########-##", "E2E########^##", "RF## #### #### ####"),
    ),
    "handle": (
        ("@%%%%%_%%##", "%%%%%%.%%%%##", "%%%%%%##"),
        ("@%%%%%%%%", "%%%%_%%%%%_##", "%%%.%%%%%%%", "%%%%%%%%%####"),
    ),
    "iban": (
        ("DE## #### #### #### #### ##", "GB##BARC##############"),
        (
            "FR## #### #### #### #### #### ###",
            "ES## #### #### ## ##########",
            "BR##########################",
            "DE####################",
        ),
    ),
    "card": (
        ("4### #### #### ####", "5###-####-####-####"),
        ("4###############", "37## ###### #####", "5### #### #### ####"),
    ),
    "phone": (
        (
            "+44 1632 960###",
            "07700 900###",
            "030 23125 ###",
            "+1 (415) 555-01##",
            "06 ## ## ## ##",
            "+34 6## ### ###",
            "(11) 9####-####",
        ),
        (
            "020 7946 0###",
            "+44 (0)161 496 0###",
            "0171/39200##",
            "+49 89 636-48###",
            "415.555.01##",
            "+33 6 ## ## ## ##",
            "91 ### ## ##",
            "+55 21 9####-####",
            "+351 91# ### ###",
            "+48 6## ### ###",
        ),
    ),
    "plate": (("B-AB ####", "AB## CDE", "##-AB-##"), ("M XY ###", "LK## PZR", "GH-###-KT", "#### KLM", "QRS#T##")),
    "ip": (
        ("192.0.2.1##", "203.0.113.#"),
        ("198.51.100.##", "2001:db8::#a#:%#".replace("%", "f"), "203.0.113.2##".replace("2##", "1##")),
    ),
    "url": (
        ("https://parcel.example.com/track/AB######", "https://shop.example.com/reset?token=*********"),
        (
            "https://dl.example.net/i/**********#######",
            "https://example.org/u/########/orders",
            "www.example.com/verify?c=#######",
        ),
    ),
}
