"""What columns are called in the sheets of scales and farms, in several languages.

Without accents, case and marks, the best first: of two columns that are known for one field, the
one that stands earlier here counts.
"""

from typing import Final


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


EID: Final = (
    "eidtag eidnumber eidno tageid eidtagnumber electronicidentification electronicidnumber"
    " electronictagnumber electroniceartag rfidtag rfidnumber rfidtagnumber rfidno transponder"
    " transpondernumber chipnumber"
    " ide identificacionelectronica idelectronica idelectronico caravanaelectronica caravanarfid"
    " areteelectronico crotalelectronico dispositivo"
    " elektronischeohrmarke elektronischenummer transpondernummer chipnummer"
    " numeroelectronique boucleelectronique identifiantelectronique puceelectronique"
    " brincoeletronico identificacaoeletronica"
    " nlis nlisid nlistag nlisrfid nlisnumber chip microchip puce numeropuce numerodepuce"
    " numeropuceelectronique nelectronique idrfid rfidid"
)
_EARTAG: Final = (
    "eartag eartagnumber eartagno tagnumber tagno tagid animaltag officialid nationalid lifetimeid"
    " caravana crotal arete aretelf siniiga aretesiniiga numerosiniiga diio ohrmarke"
    " ohrmarkennummer ohrmarkennr lebensohrmarke lebensohrmarkennummer boucle"
    " numeroboucle numerodeboucle numeronational national brinco"
)
_VISUAL: Final = (
    "visual visualtagnumber visualno managementtag managementid backtag"
    " idv idvisual identificacionvisual caravanavisual aretevisual numerovisual aretedemanejo"
    " aretecampana chapeta"
    " stallnummer halsbandnummer numerodetravail numerotravail"
)
_NAME: Final = (
    "animal animalno animalnumber animalnr animalname beastid cowid cowno cownumber"
    " idanimal numeroanimal numerodeanimal numerodelanimal codigo codigoanimal codigodelanimal"
    " identificacion nombre tier tiernr tiernummer tierid tiername"
)

# Beside the headers of `herd.fields`, by the sheet's field.
OF_ANIMALS: Final = {
    "livestock_id": _NAME,
    "lf_tag": f"{EID} {_EARTAG}",
    "uhf_tag": "areteuhf caravanauhf crotaluhf ohrmarkeuhf boucleuhf",
    "visual_id": _VISUAL,
    "tag_color": "colorcaravana colordecaravana colorarete colordearete colordelarete"
    " ohrmarkenfarbe couleurboucle",
    "sex": "sexo genero geschlecht sexe",
    "breed": "raza rasse race raca",
    "batch_number": "batchno lotno lote tropa partida partie charge",
    "pen_number": "penno corral potrero bucht stallabteil parc enclos curral",
    "status": "estado estatus situacion statut",
    "induction_date": "inductedon dateofinduction dateofarrival arrivedon entrydate fechaingreso"
    " fechadeingreso fechaentrada fechadeentrada fechallegada fechadellegada fecharecepcion"
    " fechaderecepcion ingreso einstalldatum zugangsdatum dateentree datedentree",
    "left_on": "fechasalida fechadesalida fechabaja fechadebaja fechamuerte fechademuerte"
    " fechaventa fechadeventa abgangsdatum datesortie datedesortie",
    "left_reason": "motivosalida motivodesalida motivobaja motivodebaja causamuerte causademuerte"
    " causabaja causadebaja abgangsgrund todesursache motifsortie motifdesortie",
    "health": "salud sanidad estadodesalud gesundheit sante",
    "notes": "comment comments remark remarks observations notas nota notassobreelanimal"
    " observaciones comentario comentarios bemerkung bemerkungen notiz notizen remarque remarques"
    " commentaire commentaires",
}
OF_WEIGHTS: Final = {
    "tag": f"{_EARTAG} {_VISUAL} {_NAME}",
    "weight": "weightkgs bodyweight animalweight netweight currentweight sessionweight wt wgt lw"
    " lwt peso pesokg pesolb pesovivo pesoactual pesoanimal gewicht gewichtkg gewichtinkg"
    " lebendgewicht lebendgewichtkg lebendmasse poids poidskg poidsvif pesee"
    " bw kilogramos kilogramm kilogrammes",
    "date": "datetimestamp weighingdate weighday dateweighed dateofweighing weighedon weighedat"
    " recorddate recordeddate daterecorded readdate scandate measuredat measurementdate eventdate"
    " datestamp fecha fechapeso fechapesaje fechadepesaje fechapesada fechadepesada fechahora"
    " fechayhora fechadelapesada datum wiegedatum wagedatum waegedatum wiegetag datumuhrzeit"
    " datumzeit zeitstempel messdatum datepesee datedepesee datedelapesee datepesage datedepesage"
    " dateheure dateetheure jour data datapesagem datadepesagem datadapesagem datapesatura peseele"
    " dia diadepesaje tagderwagung tagderwaegung tagdesmessens recordedon recordedat",
    "time": "weightime timeweighed recordtime readtime scantime hora horapesaje horadepesaje"
    " horapesada uhrzeit zeit wiegezeit heure heurepesee heuredepesee",
    "unit": "unit units uom weightunit weightunits unitofmeasure unitofweight wtunit measure"
    " unidad unidades unidaddepeso unidadpeso einheit gewichtseinheit unite unitedepoids",
    "scale": "bascula balanza idbascula waage waagennummer wage bascule balance",
}
OF_TREATMENTS: Final = {
    "product": "product productname productgiven drug drugname drugused medicine medicinename"
    " medication medicament vaccine treatment treatmentname treatmentproduct chemical remedy"
    " producto nombreproducto medicamento farmaco droga vacuna tratamiento"
    " produkt praparat praeparat arzneimittel medikament impfstoff behandlung"
    " produit medicaments vaccin traitement produto remedio vacina tratamento",
    "date": "givenat givenon dategiven treatmentdate treateddate datetreated dateoftreatment"
    " treatedon treatedat administered administeredon administrationdate dateadministered"
    " vaccinationdate fechatratamiento fechadetratamiento fechaaplicacion fechadeaplicacion"
    " fechavacunacion behandlungsdatum behandlungstag datetraitement"
    " datedetraitement datatratamento",
    "amount": "amount amountgiven dose doseamount dosegiven dosage quantity quantitygiven"
    " qty volume ml cc dosis cantidad menge quantite dosegegeben dosierung",
    "unit": "unit units uom doseunit amountunit dosageunit quantityunit unitofmeasure"
    " unidad unidades einheit unite",
    "lot_no": "lotno batchno serial productlot productbatch druglot lotnumber batchnumber batchlot"
    " serialnumber lote numerodelote chargennummer charge chargenr numerodelot",
    "route": "route administrationroute routeofadministration method administrationmethod"
    " via viadeadministracion verabreichung applikation voie voiedadministration",
    "reason": "reason diagnosis disease condition symptom symptoms indication"
    " motivo diagnostico causa grund diagnose motif raison diagnostic",
}

# A column with such a word, and none that says which other day or weight it is, is known too.
DATE_WORDS: Final = _set("date fecha datum")
WEIGHT_WORDS: Final = _set("weight peso gewicht poids liveweight wt")
BIRTH_WORDS: Final = _set(
    "birth born dob birthdate birthday calving nacimiento nacido geburt geburtsdatum geboren"
    " naissance naiss nascimento"
)
OTHER_DATE_WORDS: Final = BIRTH_WORDS | _set(
    "induction inducted arrival entry ingreso entrada purchase bought compra kauf achat sale sold"
    " venta verkauf vente left leave exit salida abgang sortie death died muerte start end first"
    " last next previous prior due expiry treatment treated vaccination withdrawal created updated"
    " modified export exported print printed import ingresado of base type source format"
)
OTHER_WEIGHT_WORDS: Final = BIRTH_WORDS | _set(
    "unit units average avg mean promedio media durchschnitt moyen previous last prior first start"
    " target expected estimated adjusted projected gain adg change difference diff carcass carcase"
    " hot dressed purchase sale sold pay total group lot tare gross date time fecha type ratio"
    " index min max ganancia zunahme gain gmd"
)
# A row of sums below the animals has such a word where an animal's name stands.
SUM_WORDS: Final = _set(
    "total totals subtotal sum sums average avg mean median std stdev stddev deviation promedio"
    " media suma totales summe gesamt gesamtsumme durchschnitt mittelwert mittel somme moyenne"
    " totaux soma desvio"
)
# These may be names of animals too: only in the rows below all others.
LAST_ROW_WORDS: Final = _set(
    "min max minimum maximum count head n records animals anzahl nombre overall range variance"
    " varianz varianza cv cv% sd st.dev kopfzahl effectif cantidad cabezas report ø \u03c3"
)
# And these with words before them: “No. of animals”, “2 animals”, “Session average”.
COUNTED_WORDS: Final = _set(
    "animals animaux animales animais tiere cabezas tetes head average mean total media moyenne"
    " durchschnitt"
)
