"""Words and turns of phrase that customers of any business use for the same thing.

General on purpose: what is particular to one company stands in its articles, as questions and tags.
SYNONYMS: a group in each line. PHRASES: several words, and the word of the same meaning.
"""

from __future__ import annotations

SYNONYMS = {
    "en": """
        cancel cancellation terminate end quit leave stop unsubscribe withdraw
        buy purchase order acquire
        price cost fee charge tariff rate premium
        expensive dear pricey costly
        cheap cheaper affordable inexpensive
        rise raise increase higher up
        quote quotation estimate offer price
        refund reimburse reimbursement repay
        money cash payout payment sum amount
        pay payment settle
        debit collect withdraw charge deduct
        instalment installment monthly month
        invoice bill receipt
        bounce fail decline return
        reminder arrears overdue unpaid owe missed
        afford broke hardship
        car vehicle automobile auto motor
        van lorry truck vehicle
        motorbike motorcycle scooter moped
        drive driver driving wheel
        licence license
        garage workshop mechanic repairer
        hire rental rent replacement courtesy loan
        tow towing breakdown roadside recovery
        tyre tire puncture flat
        battery start engine
        petrol fuel diesel gas
        glass window windscreen windshield pane
        accident crash collision bump hit smash
        stolen steal stole theft thief thieves rob nicked robbery gone
        burglary burglar burgled thieves intruder
        lost missing vanished disappeared gone
        broken damage cracked smashed faulty defective ruined
        repair fix mend
        late delay overdue
        phone telephone call ring mobile number
        email mail
        contact reach
        person human agent someone somebody representative colleague adviser operator staff
        change update modify amend switch swap edit replace
        moving move relocate relocation
        address residence
        home house flat apartment household
        room kitchen bathroom bedroom living hallway
        wall ceiling roof floor
        cellar basement garage shed
        door lock key
        furniture sofa table belongings contents possessions things stuff
        television tv computer laptop electronics
        jewellery jewelry ring necklace watch gold valuables
        bike bicycle cycle
        doctor physician hospital clinic medical
        ill sick unwell illness sickness disease fever
        hurt injury injured pain wound leg arm neck
        tooth dentist dental
        medicine treatment therapy
        holiday vacation trip journey travel
        flight fly plane airline airport
        hotel accommodation stay
        ski skiing snowboard snowboarding
        luggage baggage suitcase bag
        abroad foreign overseas country
        document paper paperwork form
        certificate proof confirmation evidence
        copy duplicate
        send email post upload forward submit
        download print pdf
        sign signature
        child kid son daughter boy girl baby
        wife husband partner spouse
        parent mother father mum dad
        brother sister sibling family relative
        friend mate pal colleague
        wife husband partner son daughter brother sister friend somebody
        neighbour neighbor
        young teenager student learner novice
        dead died death deceased funeral
        password pin passcode
        login log signin access locked
        register signup enrol join
        app application website online
        delete erase remove
        data information details
        privacy gdpr
        complaint complain unhappy dissatisfied terrible awful disappointed
        wrong mistake error incorrect
        lawyer solicitor attorney legal court
        discount reduction rebate voucher saving
        reward bonus gift
        recommend refer referral
        open opening hours closed close closing
        sunday saturday weekend holiday
        shop store branch office
        delivery shipping shipment deliver courier
        parcel package
        return exchange
        appointment booking reservation
        contract agreement policy
        begin start valid
        expire expiry end
        renew renewal extend extension prolong
        bank account iban
        card visa mastercard
        transfer bank
        covered cover coverage insured include
        insurance insure policy
        exclude excluded
        excess deductible
        liability liable responsible fault blame
        status progress update news state
        wait waiting long
        reject refuse decline deny
        appeal dispute disagree review
        approve agree accept
        decide decision
        report notify declare tell inform
        claim
        police
        help support assist assistance
        water flood leak wet drip
        pipe plumber tap plumbing
        fire burn smoke flame
        storm wind hail weather rain
        tree fence garden
        dog puppy cat kitten pet animal
        vet veterinary
        work job employer company business
        unemployed fired redundant
        size measure
        value worth
        speed fast quick
        year annual yearly
        first new
    """,
    "es": """
        cancelar baja anular rescindir dejar terminar cancelación
        comprar contratar pedir adquirir
        precio coste costar tarifa
        caro carísimo
        barato económico
        subir subida aumentar aumento
        presupuesto cotización oferta precio
        devolver reembolso devolución reembolsar
        dinero indemnización importe
        pagar pago cobrar cobro abonar abono ingresar ingreso
        cuota recibo mensualidad
        plazos mensual mes
        factura ticket recibo
        aviso recordatorio impago deuda
        coche auto carro automóvil vehículo
        furgoneta camión vehículo
        moto motocicleta ciclomotor
        conducir conductor llevar
        carné permiso licencia
        taller mecánico
        alquiler sustitución
        grúa asistencia avería carretera tirado remolcar
        pinchazo rueda neumático pinchar
        batería arrancar motor
        gasolina combustible gasoil
        cristal luna parabrisas ventana
        móvil teléfono celular número
        llamar llamada telefonear
        correo email mail
        cambiar cambio modificar actualizar
        mudanza mudar
        dirección domicilio
        casa hogar vivienda piso apartamento
        cocina baño salón habitación pasillo
        pared techo suelo tejado
        trastero sótano garaje
        puerta llave cerradura
        muebles enseres pertenencias cosas
        ordenador portátil televisión
        joya anillo reloj oro
        bici bicicleta
        roto rotura romper daño dañado averiado estropeado rajado
        reparar reparación arreglar arreglo
        accidente choque golpe colisión siniestro chocar
        robo robar robado ladrón hurto
        perdido perder pérdida extraviado
        tarde retraso retrasado demora
        persona humano agente alguien compañero operador
        médico doctor hospital clínica
        enfermo enfermedad malo fiebre
        herido lesión lesionado pierna brazo
        vacaciones viaje viajar
        vuelo volar avión aerolínea
        equipaje maleta
        documento papeles documentación
        certificado justificante comprobante
        copia duplicado
        enviar mandar
        descargar imprimir
        hijo hija niño niña
        mujer marido esposa esposo pareja
        padre madre
        hermano hermana familia familiar
        amigo amiga
        vecino vecina
        muerte fallecer muerto
        contraseña clave
        entrar acceso acceder
        registrar registro
        app aplicación web
        borrar eliminar suprimir
        datos información
        queja reclamación quejarse reclamar descontento pésimo
        error equivocado mal
        abogado jurídico
        descuento rebaja bonificación
        recomendar recomendación
        horario abrir abierto apertura cerrar cierre cerrado
        domingo sábado festivo
        tienda oficina sucursal
        entrega envío
        paquete pedido
        cita reserva
        contrato póliza
        empezar inicio
        vencer vencimiento caducar acabar
        renovar renovación prorrogar prórroga
        banco cuenta iban
        tarjeta visa
        transferencia
        cubierto cubrir cobertura incluido asegurado
        seguro asegurar aseguradora compañía
        extranjero país fuera
        estado noticia novedad punto
        rechazar rechazado denegar denegado
        comunicar notificar avisar declarar informar dar
        parte siniestro expediente
        policía denuncia
        ayuda asistencia
        agua gotera fuga inundación inundar mojado
        tubería fontanero grifo
        fuego incendio humo
        tormenta viento granizo lluvia
        perro gato mascota
        veterinario vacuna
        trabajo empleo empresa
        despido parado desempleo
        arrepentir desistir desistimiento
        franquicia
        culpa responsable
        valor
        año anual
    """,
}

PHRASES = {
    "en": {
        "pass away": "died",
        "run out": "expire",
        "write off": "wreck",
        "written off": "wreck",
        "break down": "breakdown",
        "broken down": "breakdown",
        "broke down": "breakdown",
        "break in": "burglary",
        "break into": "burglary",
        "broken into": "burglary",
        "broke into": "burglary",
        "sign up": "register",
        "sign in": "login",
        "log in": "login",
        "lock out": "login",
        "get out of": "withdraw",
        "change my mind": "withdraw",
        "call off": "cancel",
        "get rid of": "cancel",
        "send back": "return",
        "give back": "return",
        "pay back": "refund",
        "money back": "refund",
        "how much": "price",
        "what time": "hours",
        "talk to": "speak",
        "speak to": "speak",
        "speak with": "speak",
        "turn down": "refuse",
        "look again": "appeal",
        "run into": "crash",
        "ran into": "crash",
        "drove into": "crash",
        "bump into": "crash",
        "crash into": "crash",
        "out of pocket": "excess",
        "take out": "buy",
        "any news": "status",
        "any update": "status",
        "move house": "moving",
        "go up": "increase",
        "gone up": "increase",
        "more expensive": "increase",
        "leave my account": "debit",
        "let you know": "report",
        "put in a claim": "report",
    },
    "es": {
        "dar de baja": "cancelar",
        "darme de baja": "cancelar",
        "doy de baja": "cancelar",
        "echarme atrás": "desistir",
        "echar atrás": "desistir",
        "cambiar de idea": "desistir",
        "a qué hora": "horario",
        "cuánto cuesta": "precio",
        "cuánto vale": "precio",
        "cuánto costaría": "precio",
        "no me acuerdo": "olvidado",
        "no recuerdo": "olvidado",
        "me pongo malo": "enfermo",
        "más caro": "subida",
        "dar parte": "siniestro",
        "doy parte": "siniestro",
        "dado un golpe": "choque",
        "hablar con": "hablar",
        "cómo va": "estado",
    },
}
