"""Words that say nothing, or little, about what a question is about; by language."""

from __future__ import annotations

# Nearly every question has some of these.
STOP_WORDS = {
    "en": """
        a about after again all also am an and any anyone are arent as at be because been before being
        but by can cannot cant could couldnt did didnt do does doesnt doing dont each else even ever
        every few for from get getting give go going good got had has have havent having he hello hey
        her here hes hi him his how i id if ill im in into is isnt it its ive just know let like lets
        lot many may maybe me might mine more most much must my need needs no nor not now of off oh ok
        okay on one only or other our ours out over own please r same say see she should shouldnt so
        some still such sure tell than thank thanks that thats the their them then there theres these
        they theyre this those thx to too u under until up ur us use used very via want wanted wants was
        wasnt way we well went were weve what whats when where which while who whom whose why will wish
        with without wont would wouldnt yes yet you your youre yours
    """,
    "es": """
        a ademas ahi ahora al algo algun alguna algunas algunos alguien alli ante antes aqui asi aun
        aunque bien buena buenas bueno buenos cada como con cual cuales cualquier cuando cuanta cuantas
        cuanto cuantos da dan dar de debe debo deja del desde dia dias dice digo donde dos el ella ellas
        ellos en entonces entre era es esa esas ese eso esos esta estaba estais estamos estan estar
        estas este esto estos estoy favor fue ha hace hacen hacer haceis hago han has hasta hay haya he
        hemos hola hoy iba igual ir jaja la las le les lo los mas me mi mia mio mis mismo mucha muchas
        mucho muchos muy nada necesito ni no nos nosotros nuestra nuestro o os otra otras otro otros
        para pero poco podeis podemos podria puede pueden puedo pues que quiere quiero quisiera quien
        quienes se sea ser si sin sobre sois solo somos son soy su sus tal tambien tampoco tan tanto te
        tendria teneis tenemos tener tengo ti tiene tienen toda todas todo todos tu tus un una unas uno
        unos usted ustedes va vamos van vale vosotros voy vuestra vuestro y ya yo
    """,
    "pt": """
        a ao aos as ate com como da das de dela dele do dos e ela elas ele eles em entre era essa esse
        esta estao estava este estou eu foi ha isso isto ja la lhe mais mas me meu minha muito na nas
        nao nem no nos nossa nosso num numa o ola os ou para pela pelo por posso pode podem qual quando
        quanto que quem quero se sem ser seu so sua sao tambem te tem tenho ter um uma voce voces
    """,
    "fr": """
        a ai ais au aussi aux avec avez avoir bonjour c ca ce ces cet cette comment d dans de des du
        elle en est et etes etre eu fait faire il ils j je l la le les leur leurs lui m ma mais me mes
        mon n ne nos notre nous on ont ou par pas peut peux plus pour pouvez pourquoi qu quand que quel
        quelle quelles quels qui quoi s sa sans se ses si son sont suis sur t ta te tes ton tu un une
        veux voudrais vos votre vous y
    """,
    "de": """
        aber als am an auch auf aus bei bin bis bist bitte da damit dann das dass dein deine dem den
        denn der des dich die dies diese dieser dir doch du ein eine einem einen einer es etwas euch
        euer fur gibt habe haben hallo hat hatte ich ihm ihn ihnen ihr ihre im in ist ja kann kannst
        kein keine konnen kommt man mein meine meinem meinen meiner mich mir mit mochte muss nach nicht
        noch nun nur oder ob ohne schon sein seine sich sie sind so soll uber um und uns unser unter vom
        von vor wann warum was wenn wer werden wie wieder will wir wird wo wurde zu zum zur
    """,
    "it": """
        a ad ai al alla alle anche avete avere c che chi ci ciao come con cosa cui d da dal dalla dei
        del della delle di do dove e ed era gli ha hai hanno ho i il in io l la le lei li lo loro lui ma
        me mi mia mio ne nei nel nella no noi non o per perche piu posso puo qual quale quali quando
        quanto quella quello questa questo se sei si sono su sua suo sul sulla ti tra tu un una uno vi
        voglio vorrei voi
    """,
}

# When, how many, and what any question may have.
WEAK_WORDS = {
    "en": """
        today tomorrow yesterday tonight morning evening afternoon night day days week weeks month
        months year years hour hours minute minutes monday tuesday wednesday thursday friday saturday
        sunday january february march april june july august september october november december next
        last ago soon already time times new old first second long short big small little two three four
        five six ten half back away left came come put send sent tell told happen happened help please
        thing things stuff way part
    """,
    "es": """
        hoy mañana ayer noche tarde semana semanas mes meses año años hora horas minuto lunes martes
        miércoles jueves viernes sábado domingo enero febrero marzo abril mayo junio julio agosto
        septiembre octubre noviembre diciembre próximo próxima pasado pasada pronto nuevo nueva viejo
        vieja primero segundo dos tres cuatro cinco seis diez medio ayuda cosa cosas vez veces parte
        pasa paso pasó vuelta
    """,
}
